"""Safety at work (K3): what happened or nearly did, what is done about it, and the gear of a shift."""
