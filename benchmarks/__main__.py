"""Run the benchmarks, or the parts that are named; the results go to RESULTS.md."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    against_peers,
    agency,
    budget,
    last_mile,
    memory,
    plan,
    scaling,
    throughput,
    workers,
)
from benchmarks.machine import describe
from benchmarks.tables import Section, collect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RESULTS = Path(__file__).with_name("RESULTS.md")
MACHINE = "Machine"
PARTS: dict[str, Callable[..., Section]] = {
    "peers": against_peers.measure,
    "agency": agency.measure,
    "plan": plan.measure,
    "throughput": throughput.measure,
    "scaling": scaling.measure,
    "workers": workers.measure,
    "budget": budget.measure,
    "memory": memory.measure,
    "last-mile": last_mile.measure,
}
ORDER = [
    MACHINE,
    against_peers.TITLE,
    agency.TITLE,
    plan.TITLE,
    throughput.TITLE,
    scaling.TITLE,
    workers.TITLE,
    budget.TITLE,
    memory.TITLE,
    last_mile.TITLE,
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts that are named, or all, and print and keep the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small sizes, results not kept")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - PARTS.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there is {', '.join(PARTS)}")
    machine = Section(MACHINE)
    machine.table(("What", "Which"), describe())
    print(machine)
    if options.quick:
        print("Small sizes: whether a wish is met says nothing here.\n")
    for name in options.parts or PARTS:
        began = time.monotonic()
        print(f"==> {name}", file=sys.stderr)
        section = PARTS[name](quick=options.quick)
        section.say(_load())
        print(section, flush=True)
        print(f"    {time.monotonic() - began:.0f} s", file=sys.stderr)
        if not options.quick:
            collect(RESULTS, [machine, section], ORDER)
    return 0


def _load() -> str:
    """Tell how busy the machine was: on a busy one only ratios and memory mean something."""
    return f"Load of the machine in the fifteen minutes before the end: {os.getloadavg()[2]:.1f}."


if __name__ == "__main__":
    sys.exit(main())
