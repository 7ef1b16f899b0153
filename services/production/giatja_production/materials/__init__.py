"""Materials: what came in, whose it is, where it went, and the sheet that settles it with the partner."""
