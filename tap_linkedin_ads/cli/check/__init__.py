"""``tap-linkedin-ads check``: what will work, before it runs."""
