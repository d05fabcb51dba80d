"""The definitions of the tap and of its loader for Meltano, and `make hub`."""
