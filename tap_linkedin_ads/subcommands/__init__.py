"""Commands beside the Singer flags: ``login``, ``check`` and ``accounts``."""
