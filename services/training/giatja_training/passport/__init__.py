"""The passport of skills: practice and evidence, made of what production and orders told."""
