"""Commands beside the Singer flags: ``login`` and ``check``."""
