"""When a Lapas works: hours of each weekday and shift, roll-calls, free days."""
