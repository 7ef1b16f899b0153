"""The history of the training service's schema."""
