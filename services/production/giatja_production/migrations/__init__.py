"""The history of the production service's schema."""
