"""What this service needs to know of a Lapas, heard from the gateway."""
