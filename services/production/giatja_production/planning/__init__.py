"""Planning: whether a date can be promised, how full the weeks are, and which orders run late."""
