"""Partners: who orders, and brings the material."""
