"""Who may work: a copy, without names, of what training tells about inmates and their permission."""
