"""Workshops of a Lapas: the route of stages, the defects that are told apart, the target of a month."""
