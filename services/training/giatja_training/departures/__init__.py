"""Departures of many at once, and their arrival at another Lapas of the same deployment."""
