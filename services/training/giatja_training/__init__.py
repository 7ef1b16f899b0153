"""Inmates, their work permission, competences, practice and the passport of their skills."""
