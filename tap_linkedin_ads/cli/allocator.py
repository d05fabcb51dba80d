"""What the C library does with memory that is free again."""

from __future__ import annotations

import contextlib
import ctypes

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_KEPT = 2 * 1024 * 1024
"""Bytes that are kept: what some parts of an answer and their rows take."""
_LARGE = 512 * 1024
"""Bytes of a block that goes back to the system by itself; parts of answers have half as many."""


def keep_little_free_memory() -> None:
    """Let memory that is free again be used by others, without giving it back in between.

    By itself glibc learns from the first large blocks that are freed to keep such blocks, and each
    thread keeps what it has had: with answers of ten megabytes and sixteen threads that is a third
    of the memory of a run. Python's own lock leaves threads little to wait for in a common store.
    To give all of it back costs a tenth of the processor time: the system hands out every page
    anew, filled with zeros. Other C libraries do not know these options.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
