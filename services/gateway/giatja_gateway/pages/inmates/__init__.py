"""The screens about inmates: the register, one person with their permission to work, and the passport of skills."""
