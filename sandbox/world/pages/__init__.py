"""Company pages, their posts and figures."""
