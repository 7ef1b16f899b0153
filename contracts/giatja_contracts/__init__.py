"""What the services promise each other: facts and permissions, as data."""
