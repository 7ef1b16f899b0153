"""People, the roles they hold, how they prove who they are, and what lets them be believed elsewhere."""
