"""The screens of plant batches: from seed to stock, and out of it."""
