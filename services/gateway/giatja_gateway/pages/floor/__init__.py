"""The floor: an officer records a shift on a tablet."""
