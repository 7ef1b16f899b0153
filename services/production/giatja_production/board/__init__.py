"""The board: a workshop's day on a screen on the wall, without names, by a link nobody can guess."""
