"""People, roles, the register of Lapas, the regional figures and the web pages."""
