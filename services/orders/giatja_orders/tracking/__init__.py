"""Tracking: a link by which a partner follows one order, and never sees who works on it."""
