"""Work safety (K3): incidents and near misses, what is done about them, protective gear at each shift."""
