"""Mechanisms every Giatja service shares; not one business noun."""
