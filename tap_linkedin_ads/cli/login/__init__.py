"""``tap-linkedin-ads login``: a member's consent in the browser."""
