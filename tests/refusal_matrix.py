"""Every shape of request that a run sends, and what refusing it costs."""

from __future__ import annotations

import functools
import json
import re
import typing as t
from dataclasses import dataclass

from sandbox import Sandbox
from sandbox.world import worlds
from sandbox.world.pages.build import SHOWCASE, posts_of_ads
from tests import singer
from tests.singer import TODAY, Json, Output

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sandbox import Entry

REPORTS = [
    {"name": "by_placement", "pivots": ["CAMPAIGN", "PLACEMENT_NAME"], "metrics": ["impressions"]},
    {"name": "by_month", "pivots": ["CAMPAIGN"], "metrics": ["*"], "time_granularity": "MONTHLY"},
    {"name": "whole", "pivots": ["CAMPAIGN"], "metrics": ["clicks"], "time_granularity": "ALL"},
]
SETTINGS: Json = {
    "start_date": "2026-10-24",
    **singer.PERSONAL,
    "reports": REPORTS,
}
OFFERED = {**singer.PERSONAL, "reports": REPORTS}


METRICS = (
    "impressions",
    "clicks",
    "appointments_scheduled",
    "audience_penetration",
    "member_seniority_name",
    "member_company_name",
)
"""The columns that are selected of reports: few, so that a run takes a second."""


@functools.cache
def catalog() -> Json:
    """Return a catalog with all streams selected: of reports few metrics, of others all."""
    offered = singer._discovered(json.dumps(OFFERED))["streams"]
    selection: dict[str, tuple[str, ...] | None] = {}
    for stream in offered:
        columns = stream["schema"]["properties"]
        is_report = columns.keys() >= {"impressions", "clicks", "metric_date"}
        selection[stream["tap_stream_id"]] = METRICS if is_report else None
    return singer.catalog(dict(selection), **OFFERED)


@dataclass(frozen=True, order=True)
class Shape:
    """What requests have in common that LinkedIn serves, or refuses, alike.

    Attributes:
        path: The path with ``*`` for ids and URNs.
        finder: The finder, or GET or BATCH_GET.
        parameters: The names of the parameters.
        headers: The headers that differ between requests.
    """

    path: str
    finder: str
    parameters: tuple[str, ...]
    headers: tuple[str, ...]

    def __str__(self) -> str:
        names = "&".join(self.parameters)
        return " ".join(filter(None, (self.finder, self.path, names, *self.headers)))

    @classmethod
    def of(cls, entry: Entry) -> Shape:
        """Return the shape of a request."""
        path = re.sub(r"(?<=/)(urn%3A[^/]*|\d+|\(.*\))(?=/|$)", "*", entry.path)
        sent = {"x-restli-method", "x-http-method-override"}
        headers = tuple(sorted(f"{n}: {entry.headers[n]}" for n in sent & entry.headers.keys()))
        return cls(path.removeprefix("/rest"), entry.finder, tuple(sorted(entry.params)), headers)

    def matches(self, entry: Entry) -> bool:
        """Whether a request has this shape."""
        return entry.path.startswith("/rest") and Shape.of(entry) == self


class Run(t.NamedTuple):
    """A run of every stream, and what it asked.

    Attributes:
        output: What the run wrote.
        entries: The requests that reached the sandbox.
    """

    output: Output
    entries: list[Entry]

    @property
    def rows(self) -> dict[str, list[Json]]:
        """Return the records of every stream, those that were not sent by the day included."""
        return self.output.rows

    @property
    def shapes(self) -> list[Shape]:
        """Return the distinct shapes of the requests that were sent."""
        return sorted({Shape.of(e) for e in self.entries if e.path.startswith("/rest")})


def run(
    where: Callable[[Entry], bool] | None = None,
    **options: t.Any,  # noqa: ANN401
) -> Run:
    """Read every stream from a LinkedIn that refuses some requests.

    Args:
        where: Which requests are refused; None refuses none.
        **options: How LinkedIn words it; see the sandbox's fault ``refuse``.
    """
    return run_refusing([] if where is None else [(where, options)])


def run_refusing(refusals: Sequence[tuple[Callable[[Entry], bool], Json]]) -> Run:
    """Read every stream where several kinds of requests are refused; arguments as in ``run``."""
    world = worlds.small(today=TODAY)
    posts_of_ads(world, SHOWCASE)  # all of them, so that nothing is refused but what is to be
    with Sandbox(world) as sandbox:
        for where, options in refusals:
            sandbox.faults.add("refuse", where=where, times=None, **options)
        output = singer.sync(singer.config(sandbox, **SETTINGS), catalog=catalog())
        return Run(output, list(sandbox.log))


@functools.cache
def reference() -> Run:
    """Return a run without a refusal."""
    found = run()
    assert found.output.status == 0, found.output.stderr[-2000:]
    return found


def losses(refused: Run) -> Iterator[tuple[str, int, int]]:
    """Yield the streams that lost rows, with their rows and what they should be."""
    for stream, rows in reference().rows.items():
        left = len(refused.rows.get(stream, ()))
        if left != len(rows):
            yield stream, left, len(rows)
