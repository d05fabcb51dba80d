"""From LinkedIn's objects to records, by what ``schemas/`` declares."""
