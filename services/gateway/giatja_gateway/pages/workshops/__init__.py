"""One workshop and its route, machines and defects; the calendar of the Lapas."""
