"""The regional view: Lapas compared, and one of them in detail."""
