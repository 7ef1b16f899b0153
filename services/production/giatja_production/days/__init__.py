"""Days: what of a day is missing, closing it, and changing a closed one with a second person."""
