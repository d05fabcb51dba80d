"""Report streams."""
