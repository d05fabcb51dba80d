"""What the C library does with memory that is free again."""

from __future__ import annotations

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3
_LARGE = 1024 * 1024


def give_back_large_blocks() -> None:
    """Let large blocks go back to the system as soon as they are free.

    By itself glibc learns from the first large blocks that are freed to keep such blocks, for each
    thread apart: with answers of ten megabytes that is a third of the memory of a run. Other C
    libraries do not know the option, and do not keep them.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
