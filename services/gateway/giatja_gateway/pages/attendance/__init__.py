"""Attendance at work: the sheet of a shift, a month of it, the reasons."""
