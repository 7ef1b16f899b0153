"""Competences: what a Lapas teaches, and who was found able."""
