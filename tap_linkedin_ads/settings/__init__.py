"""Settings: what there is, how values are read, and the files handed in."""
