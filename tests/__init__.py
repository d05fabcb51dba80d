"""The behaviour of the tap, file by file."""
