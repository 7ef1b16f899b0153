"""Partners, products and their orders, from draft to completed."""
