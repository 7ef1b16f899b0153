"""The screens of placements: who works in which workshop, and who could stand in."""
