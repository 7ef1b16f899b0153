"""The commands that run, load and examine a whole deployment."""
