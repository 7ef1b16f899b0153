"""Orders: from a draft to everything passed, and what the workshops report on the way."""
