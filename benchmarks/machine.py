"""What the numbers were taken on, without anything that names the machine."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from pathlib import Path

from benchmarks.worlds import TODAY

_PACKAGES = ("singer-sdk", "msgspec", "requests", "urllib3")


def describe() -> list[tuple[str, str]]:
    """Return the processor, the memory, the Python and the date."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    return [
        ("Processor", _processor()),
        ("Cores", str(os.cpu_count())),
        ("Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("System", f"{platform.system()} {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Packages", packages),
        ("Date", TODAY.isoformat()),
    ]


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found.group(1) if found else platform.machine()
