"""Run the tap with Meltano into PostgreSQL twice and show what arrived."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import typing as t
from collections import defaultdict
from pathlib import Path

from demo import report
from demo.pipeline import (
    EXACT_SCHEMA,
    EXACT_TARGET,
    SCHEMA,
    TARGET,
    Bookmark,
    Pipeline,
    RunFailedError,
)
from demo.postgres import postgres
from demo.programs import sandbox
from demo.screen import Screen

if t.TYPE_CHECKING:
    from types import FrameType

    from demo.postgres import Postgres

PROJECT = Path(__file__).resolve().parent.parent
WORLD = "small"


def main() -> int:
    """Show the demo; give the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    screen = Screen()
    try:
        with contextlib.ExitStack() as stack:
            _show(screen, stack)
    except KeyboardInterrupt:
        screen.line("Stopped; everything that was started is gone.")
        return 130
    except RuntimeError as error:
        for line in error.log if isinstance(error, RunFailedError) else ():
            screen.line(f"    | {line}")
        screen.line(f"The demo failed: {error}")
        return 1
    screen.line(f"Done in {screen.elapsed():.0f} s.")
    return 0


def _show(screen: Screen, stack: contextlib.ExitStack) -> None:
    work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="demo-")))
    with screen.step(f"Starting a local LinkedIn (the sandbox, world '{WORLD}')"):
        linkedin = stack.enter_context(sandbox(WORLD, PROJECT))
        screen.note(f"listens on {linkedin.api_url}")
    with screen.step("Finding a PostgreSQL"):
        server = stack.enter_context(postgres())
        kind = "a throw-away server" if server.throw_away else "the server that PGHOST names"
        screen.note(f"{kind} on {server.host}:{server.port}, schema {SCHEMA}")
    pipeline = Pipeline(PROJECT, work, linkedin, server, screen)
    with screen.step("Installing the Meltano plugins"):
        pipeline.install()
    with screen.step("First run: everything since the start date"):
        run = pipeline.run()
        first = report.loads(server, SCHEMA, run.began)
    bookmarks = pipeline.bookmarks()
    with screen.step("Second run: incremental, from the state that the first one left"):
        for line in _positions(bookmarks):
            screen.note(line)
        second = report.loads(server, SCHEMA, pipeline.run().began)
    with screen.step(f"The first run once more, with {EXACT_TARGET}"):
        exact = pipeline.run(EXACT_TARGET)
        _compare(server, sorted(second))
        screen.note(f"{TARGET} took {run.seconds:.0f} s, {EXACT_TARGET} {exact.seconds:.0f} s")
    _print_tables(screen, server, first, second)
    _print_ads(screen, server)
    _print_spend(screen, server)
    if not server.throw_away:
        screen.line(f"The rows are still there, in schema {SCHEMA}.")


def _positions(bookmarks: list[Bookmark]) -> list[str]:
    """Say per stream how far it got: the day, in the ad account that is behind and ahead."""
    streams: dict[str, dict[str, str]] = defaultdict(dict)
    for bookmark in bookmarks:
        streams[bookmark.stream][bookmark.account_id] = bookmark.value[:10]
    lines = []
    for stream, accounts in streams.items():
        oldest, newest = min(accounts.values()), max(accounts.values())
        span = oldest if oldest == newest else f"{oldest} to {newest}"
        lines.append(f"bookmark of {stream}: {span} ({len(accounts)} ad accounts)")
    return lines


def _compare(server: Postgres, tables: list[str]) -> None:
    """Hold the tables of both loaders to each other."""
    differing = report.differing(server, SCHEMA, EXACT_SCHEMA, tables)
    if differing:
        raise RuntimeError(f"{TARGET} and {EXACT_TARGET} differ in {', '.join(differing)}")


def _print_tables(
    screen: Screen,
    server: Postgres,
    first: dict[str, report.Load],
    second: dict[str, report.Load],
) -> None:
    rows = report.counts(server, SCHEMA, sorted(second))
    nothing = report.Load(0, None, None)
    screen.line()
    screen.line(f"Rows per stream in PostgreSQL, and what each run of {TARGET} wrote:")
    screen.line()
    for line in report.table(
        ["stream", "rows", "1st run", "2nd run", "days of the 2nd run"],
        [
            [
                name,
                f"{rows[name]:,}",
                f"{first.get(name, nothing).rows:,}",
                f"{second[name].rows:,}",
                f"{second[name].first_day} to {second[name].last_day}"
                if second[name].first_day
                else "",
            ]
            for name in sorted(second)
        ],
    ):
        screen.line(f"  {line}")
    screen.line()


def _print_ads(screen: Screen, server: Postgres) -> None:
    ads = report.top_ads(server, SCHEMA)
    screen.line(f"The {len(ads)} ads that most was spent on, in US dollars, and what they show:")
    screen.line()
    heading = ["headline", "text", "landing page", "picture", "spend", "clicks"]
    for line in report.table(heading, [ad.cells for ad in ads]):
        screen.line(f"  {line}")
    screen.line()


def _print_spend(screen: Screen, server: Postgres) -> None:
    days = report.spend_per_day(server, SCHEMA)
    blocks = report.blocks(unicode=screen.can_show(report.blocks(unicode=True)))
    screen.line(f"Spend per day in US dollars, all ad accounts, the last {len(days)} days:")
    screen.line()
    for line in report.bars(days, blocks=blocks):
        screen.line(f"  {line}")
    screen.line()


def _interrupt(_signal: int, _frame: FrameType | None) -> t.NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
