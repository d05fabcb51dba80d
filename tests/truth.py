"""What ad_performance must hold, from what the sandbox's world knows; shares no code with the tap.

LinkedIn leaves out a row in which all requested metrics are zero. So a metric of such a row is
told by the tap's own rule: 0 where it adds up, null where it does not.
"""

from __future__ import annotations

import typing as t
from decimal import Decimal

from sandbox import METRICS
from tests.singer import TODAY

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sandbox import World

Key = tuple[int, int, int, str]
KEY = ("account_id", "campaign_id", "creative_id", "metric_date")


def snake(name: str) -> str:
    """Name a column: an underscore before capitals, and before digits behind a small letter."""
    found = ""
    for before, letter in zip(" " + name, name, strict=False):
        edge = letter.isupper() and (before.islower() or before.isdigit())
        edge = edge or (letter.isdigit() and before.islower())
        found += ("_" if edge else "") + letter.lower()
    return found


COLUMNS = {snake(name): name for name in METRICS}
"""Metrics by their column."""


def ad_performance(
    world: World,
    start: dt.date,
    end: dt.date = TODAY,
    *,
    columns: Iterable[str] = tuple(COLUMNS),
    accounts: Iterable[int] | None = None,
) -> dict[Key, dict[str, t.Any]]:
    """Return the rows in which one of the metrics is not zero, by key, with values by column."""
    wanted = tuple(columns)
    names = tuple(COLUMNS[column] for column in wanted)
    rows: dict[Key, dict[str, t.Any]] = {}
    for day, _, (creative_urn,), figures in world.truth(("CREATIVE",), start, end, names, accounts):
        creative = int(creative_urn.rpartition(":")[2])
        where = world.deliveries[creative]
        key = (where.account, where.campaign, creative, day.isoformat())
        rows[key] = dict(zip(wanted, figures.values(), strict=True))
    return rows


def differences(record: dict[str, t.Any], figures: dict[str, t.Any]) -> list[str]:
    """Say where a record differs from the figures, to the last digit."""
    found = []
    # Nearly all are whole numbers that are equal; the others are looked at one by one.
    doubtful = [c for c, f in figures.items() if type(f) is not int or record.get(c) != f]
    for column in doubtful:
        figure, value = figures[column], record.get(column)
        metric = METRICS[COLUMNS[column]]
        if not Decimal(str(figure)):
            right = value == 0 if metric.additive else value is None or value == 0
        elif metric.kind == "decimal":
            right = value is not None and Decimal(value).compare_total(Decimal(figure)) == 0
        else:
            right = value is not None and Decimal(value) == Decimal(repr(figure))
        if not right:
            found.append(f"{column} is {value!r}, LinkedIn has {figure!r}")
    return found


def assert_equal(
    records: dict[tuple[t.Any, ...], dict[str, t.Any]], rows: dict[Key, dict[str, t.Any]]
) -> None:
    """Compare records with the truth row by row and value by value."""
    missing, surplus = rows.keys() - records.keys(), records.keys() - rows.keys()
    assert not missing, f"{len(missing)} rows are missing, such as {min(missing)}"
    assert not surplus, f"{len(surplus)} rows are not LinkedIn's, such as {min(surplus)}"
    wrong = {key: found for key, row in rows.items() if (found := differences(records[key], row))}
    assert not wrong, f"{len(wrong)} rows are wrong: {list(wrong.items())[:3]}"
