"""`make demo`: this tap, Meltano and PostgreSQL on one machine, against the sandbox."""
