"""Attendance: who was at work in a shift, who was not and why."""
