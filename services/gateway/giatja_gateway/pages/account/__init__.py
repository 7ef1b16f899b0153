"""Coming in and going out, and what somebody may do about their own account."""
