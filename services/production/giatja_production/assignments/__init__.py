"""Placements: who works in which workshop, since when, and who could stand in."""
