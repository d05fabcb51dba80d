"""Company pages of the sandbox: organizations, their statistics, posts and media."""
