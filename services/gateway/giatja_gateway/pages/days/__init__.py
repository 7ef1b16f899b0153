"""Working days: what is missing of one, closing it, and what two people change of a closed one."""
