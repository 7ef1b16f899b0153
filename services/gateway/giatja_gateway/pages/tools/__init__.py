"""Tools: what there is, who has which in a shift, and what to do when one is missing."""
