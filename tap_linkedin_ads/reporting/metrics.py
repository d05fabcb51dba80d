"""The metrics of adAnalytics: which exist for a report, and how they share requests.

LinkedIn's rules: LI-41, LI-47, LI-48.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEY_FIELDS = ("dateRange", "pivotValues")
"""The names that every request carries so that answers can be merged."""
MOST_FIELDS = 20
"""Names in one ``fields`` parameter, key fields included (LinkedIn: "up to 20 metrics")."""
METRICS_PER_GROUP = MOST_FIELDS - len(KEY_FIELDS)

_ALWAYS_THERE = frozenset({"delivery", "engagement", "reach"})
"""Families that nearly every served ad has: their rows are as dense as the account is."""
_OFTEN_THERE = frozenset({"conversions", "leads", "video", "viral"})
"""Families that many ads have. The others are of kinds of ads that few accounts run."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: LinkedIn's name, as in ``fields``.
        column: Its column.
        kind: ``long``, ``double`` or ``decimal``.
        family: Metrics of one family are zero together for ads of another kind.
        additive: Absent means zero; otherwise absent means unknown.
        since: First API version (YYYYMM) that has it, or empty.
        not_for: Pivots for which LinkedIn leaves it out; ``MEMBER`` stands for all of them.
        needs_pivot: It exists only beside one of these pivots, where any are named.
    """

    name: str
    column: str
    kind: str
    family: str
    additive: bool
    since: str = ""
    not_for: frozenset[str] = frozenset()
    needs_pivot: frozenset[str] = frozenset()

    @property
    def schema(self) -> Mapping[str, str]:
        return {"type": "integer" if self.kind == "long" else "number"}

    def exists_for(self, pivots: Iterable[str], api_version: str) -> bool:
        """Whether LinkedIn has this metric for these pivots in this version (YYYYMM)."""
        asked = set(pivots)
        if any(pivot.startswith("MEMBER_") for pivot in asked):
            asked.add("MEMBER")
        if self.since > api_version or asked & self.not_for:
            return False
        return not self.needs_pivot or bool(asked & self.needs_pivot)


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The metrics of one request beside the key fields.

    Attributes:
        metrics: At most 18 metrics; none asks only where there was any activity.
        dense: It holds a family that nearly every served ad has.
        often: It holds a family that many ads have, and none that nearly every one has.
    """

    metrics: tuple[Metric, ...]
    dense: bool
    often: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(metric.name for metric in self.metrics)

    @property
    def fields(self) -> tuple[str, ...]:
        return (*KEY_FIELDS, *self.names)


def catalogue(properties: Mapping[str, Mapping[str, t.Any]]) -> tuple[Metric, ...]:
    """Read the metrics from their schema.

    Args:
        properties: Columns of ``schemas/metrics.json``, each with its ``x-linkedin`` annotation.

    Returns:
        The metrics in the schema's order, in which families stand together.
    """
    return tuple(
        Metric(
            name=notes["name"],
            column=column,
            kind=notes["kind"],
            family=notes["family"],
            additive=notes["additive"],
            since=notes.get("since", ""),
            not_for=frozenset(notes.get("not_for", ())),
            needs_pivot=frozenset(notes.get("needs_pivot", ())),
        )
        for column, schema in properties.items()
        for notes in (schema["x-linkedin"],)
    )


def field_groups(
    metrics: Sequence[Metric], *, size: int = METRICS_PER_GROUP
) -> tuple[FieldGroup, ...]:
    """Pack metrics into as few groups as possible, keeping families whole where that is possible.

    LinkedIn leaves out a row whose requested metrics are all zero, so a group of families that
    few ads use costs few rows. Families that nearly every ad has share groups of their own.

    Args:
        metrics: The selected metrics.
        size: Metrics a group holds at most.

    Returns:
        At least one group, dense ones first; every metric stands in exactly one.
    """
    families: dict[str, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(metric.family, []).append(metric)
    fewest = -(-len(metrics) // size)
    bins: list[list[Metric]] = []
    in_order = sorted(families, key=lambda name: (name not in _ALWAYS_THERE, -len(families[name])))
    for name in in_order:
        _place(families[name], bins, size=size, most_bins=fewest, dense=name in _ALWAYS_THERE)
    groups = [_group(metrics) for metrics in bins or [[]]]
    return tuple(sorted(groups, key=lambda group: not group.dense))


def _group(metrics: Sequence[Metric]) -> FieldGroup:
    dense = _is_dense(metrics)
    often = not dense and any(metric.family in _OFTEN_THERE for metric in metrics)
    return FieldGroup(tuple(metrics), dense=dense, often=often)


def _is_dense(group: Sequence[Metric]) -> bool:
    return not group or any(metric.family in _ALWAYS_THERE for metric in group)


def _place(
    members: list[Metric], bins: list[list[Metric]], *, size: int, most_bins: int, dense: bool
) -> None:
    """Put a family into the fullest bin of its kind that has room, else a new one, else spread."""
    rooms = [group for group in bins if size - len(group) >= len(members)]
    alike = [group for group in rooms if _is_dense(group) == dense]
    if alike or (rooms and len(bins) == most_bins):
        max(alike or rooms, key=len).extend(members)
        return
    rest = members
    while rest:
        if len(bins) < most_bins:
            bins.append([])
        group = bins[-1] if len(bins[-1]) < size else next(g for g in bins if len(g) < size)
        room = size - len(group)
        group.extend(rest[:room])
        rest = rest[room:]
