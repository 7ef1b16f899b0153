"""The registry of Lapas: what each is called, in which zone, and how its titles read on which day."""
