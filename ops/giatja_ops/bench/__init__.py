"""``giatja bench``: what the system does on this machine, each figure beside a floor measured in the same run."""
