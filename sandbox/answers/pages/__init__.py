"""Company pages: organizations, their statistics, posts and media."""
