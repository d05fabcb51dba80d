"""How the streams join, from the catalog and from what the schemas say of their columns.

A description says ``joins to campaigns.id``, or ``joins, with id, to messages.message_id`` where
one column does not do. What is said of a column holds for those of the same name in other streams
as well, and a join goes on to the whole key where columns of the same name are on both sides.
"""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass

from tests import stream_page

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_linkedin_ads.streams import LinkedInStream

GROUPS = {"ads": "Ads", "reports": "Reports", "pages": "Company pages"}
"""The folders of streams, and what their tables are called together."""

_COLUMN = r"([a-z_]+)\.([a-z_]+)"
_SAID = re.compile(rf"\b[Jj]oins(?:, with ([a-z_]+),)? to ({_COLUMN}(?:(?:, | or ){_COLUMN})*)")


@dataclass(frozen=True)
class Table:
    """A stream as a table.

    Attributes:
        name: The stream's name.
        group: One of GROUPS.
        key: The columns of its primary key.
        columns: Every column with its description.
    """

    name: str
    group: str
    key: tuple[str, ...]
    columns: dict[str, str]

    @property
    def names_one(self) -> set[frozenset[str]]:
        """The sets of columns that belong to one row: the key, and a URN beside an id."""
        found = {frozenset(self.key)}
        if self.key == ("id",) and "urn" in self.columns:
            found.add(frozenset({"urn"}))
        return found


@dataclass(frozen=True)
class Join:
    """Columns of one table that are equal to columns of another.

    Attributes:
        table: The table that refers.
        other: The table that is referred to.
        on: Pairs of columns; the first one leads, the others complete the key.
    """

    table: str
    other: str
    on: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that refers."""
        return tuple(column for column, _ in self.on)

    @property
    def other_columns(self) -> tuple[str, ...]:
        """The columns that they are equal to."""
        return tuple(column for _, column in self.on)

    @property
    def turned(self) -> Join:
        """The same join, seen from the other side."""
        return Join(self.other, self.table, tuple((b, a) for a, b in self.on))

    @property
    def sides(self) -> frozenset[tuple[str, str]]:
        """Both tables with the names, without _id and _urn, of what leads to the other one."""
        return frozenset({(self.table, _stem(self.on[0][0])), (self.other, _stem(self.on[0][1]))})


@functools.cache
def tables() -> dict[str, Table]:
    """Return every stream of the catalog, in the catalog's order."""
    return {stream.name: _table(stream) for stream in stream_page.streams()}


def _table(stream: LinkedInStream) -> Table:
    columns = {
        name: declared.get("description", "")
        for name, declared in stream.schema["properties"].items()
    }
    group = type(stream).__module__.split(".")[2]
    return Table(stream.name, group, tuple(stream.primary_keys), columns)


@functools.cache
def joins() -> tuple[Join, ...]:
    """Return every join once, from the table that refers to the one that is referred to."""
    found: dict[frozenset[tuple[str, str]], Join] = {}
    for join in map(_directed, _completed([*_said(), *_namesakes()])):
        found.setdefault(join.sides, join)
    return tuple(found.values())


def joins_of(table: str) -> list[Join]:
    """Return what a table refers to."""
    return [join for join in joins() if join.table == table]


def _said() -> Iterator[Join]:
    """Give what descriptions say, word for word."""
    for table in tables().values():
        for column, description in table.columns.items():
            for with_column, targets in _targets(description):
                for other, other_column in targets:
                    rest = _beside(with_column, tables()[other], other_column)
                    yield Join(table.name, other, ((column, other_column), *rest))


def _targets(description: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for said in _SAID.finditer(description):
        yield said[1] or "", re.findall(_COLUMN, said[2])


def _beside(column: str, other: Table, taken: str) -> list[tuple[str, str]]:
    """Find the partner of a column that a join needs as well: its namesake, else of the key."""
    if not column:
        return []
    if column in other.columns and column != "id":
        return [(column, column)]
    (partner,) = (part for part in other.key if part != taken)
    return [(column, partner)]


def _namesakes() -> Iterator[Join]:
    """Give joins of columns that nothing is said of, as those of the same name elsewhere."""
    said: dict[str, set[tuple[str, str]]] = {}
    spoken = set()
    for join in _said():
        spoken.add((join.table, join.on[0][0]))
        directed = _directed(join)
        if len(directed.on) == 1:
            column, other_column = directed.on[0]
            said.setdefault(column, set()).add((directed.other, other_column))
    for table in tables().values():
        for column in filter(said.__contains__, table.columns):
            if (table.name, column) in spoken or len(said[column]) > 1:
                continue
            ((other, other_column),) = said[column]
            if other != table.name:
                yield Join(table.name, other, ((column, other_column),))


def _completed(parts: Iterable[Join]) -> Iterator[Join]:
    """Put together what leads to one key, and complete keys by columns of the same name."""
    groups: dict[tuple[str, str, str], list[Join]] = {}
    for join in parts:
        other = tables()[join.other]
        in_key = join.on[0][1] in other.key and len(other.key) > 1 and len(join.on) == 1
        lead = "" if in_key else join.on[0][0]
        groups.setdefault((join.table, join.other, lead), []).append(join)
    for (table, other, _), group in groups.items():
        on = {theirs: ours for join in group for ours, theirs in join.on}
        if on.keys() & set(tables()[other].key):
            for column in tables()[other].key:
                if column in tables()[table].columns and column not in {"id", "metric_date"}:
                    on.setdefault(column, column)
        yield Join(table, other, tuple((ours, theirs) for theirs, ours in on.items()))


def _directed(join: Join) -> Join:
    """Let a join lead to the table of which it finds one row, and from figures to entities."""
    one, other = tables()[join.table], tables()[join.other]
    finds_one = frozenset(join.other_columns) in other.names_one
    if finds_one or frozenset(join.columns) not in one.names_one:
        is_of_figures = (
            not finds_one and "metric_date" in other.key and "metric_date" not in one.key
        )
        return join.turned if is_of_figures else join
    return join.turned


def _stem(column: str) -> str:
    return re.sub(r"_?(id|urn)$", "", column)


INTRODUCTION = """\
# Data model

`make docs` draws this picture from the catalog and from [schemas/](../schemas), and
`tests/test_data_model.py` holds it to them; `tests/test_columns.py` finds rows by every join. Click
it to see it in full size.

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="data-model-dark.svg">
  <img alt="Tables, keys and joins of all streams" src="data-model-light.svg">
</picture>

[Light](data-model-light.svg) and [dark](data-model-dark.svg), as files.

What the picture does not say:

- Nothing is enforced: the tables have primary keys and no foreign keys. A row can refer to one that
  is not loaded, such as a post of another page, or an ad account out of reach.
- `ad_performance` and `conversion_performance` are the finest reports; the names of account, group,
  campaign and creative are in their rows as well.
- `campaign_id` is 0 in demographics that are not read by campaign, and `entity_id` of `ad_reach` is
  of the table that `level` names.
- Most columns `..._id` have a `..._urn` beside them, which joins likewise.

[streams.md](streams.md) has every column, [queries.md](queries.md) has joins at work.

## Joins
"""


def page() -> str:
    """Return docs/data-model.md."""
    lines = [INTRODUCTION, "| Table | Joins to | On |", "| --- | --- | --- |"]
    for table in tables():
        for join in joins_of(table):
            on = ", ".join(f"`{ours}` = `{theirs}`" for ours, theirs in join.on)
            lines.append(f"| `{table}` | `{join.other}` | {on} |")
    return "\n".join(lines) + "\n"
