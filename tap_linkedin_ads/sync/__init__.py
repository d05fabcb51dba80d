"""One run: what its streams share, its state, its messages and its report."""
