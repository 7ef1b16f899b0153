"""Bundles and lots: pieces that are cut, carried, worked on and paid together."""
