"""adAnalytics: finders, groups and rows."""
