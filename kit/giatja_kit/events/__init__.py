"""Facts: told through a log in the same transaction, announced by Celery, heard exactly once."""
