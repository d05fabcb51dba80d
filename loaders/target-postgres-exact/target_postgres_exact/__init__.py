"""meltanolabs-target-postgres with another way to write a batch."""
