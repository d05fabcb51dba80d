"""The command line: Singer's flags, ``login``, ``check`` and ``accounts``."""
