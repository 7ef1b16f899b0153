"""Quality: inspections of bundles, lots and loose pieces, and what they say about the stages."""
