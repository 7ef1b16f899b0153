"""The board on the wall, the links it is shown by, and calls for help."""
