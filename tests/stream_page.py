"""Writes docs/streams.md from the catalog and the schemas."""

from __future__ import annotations

import functools
import typing as t

from tap_linkedin_ads.api import resources
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.streams import PERSONAL_STREAMS, LinkedInStream
from tap_linkedin_ads.streams.reports.ad_report import AdReport
from tap_linkedin_ads.sync import page_roles
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from singer_sdk import Stream

PAGE_PATH = singer.ROOT / "docs" / "streams.md"
SHARED = {
    "ad_analytics": "Daily reports",
    "ad_analytics_demographics": "Professional demographics",
}
"""Schema files that several report streams share, and the heading of their section."""
CUSTOM = "Custom reports"
METRICS = "Metrics"
TYPES = {"string": "text", "object": "JSON"}
FORMATS = {"date": "date", "date-time": "instant"}
PIVOT_GROUPS = {"MEMBER": "member traits", "IMPRESSION_DEVICE_TYPE": "devices"}
PRIVATE = "the private product Company Intelligence"
ON_DEMAND = {
    stream.name: setting for setting, streams in PERSONAL_STREAMS.items() for stream in streams
}
INTRODUCTION = """\
# Streams and columns

`make docs` writes this page from the catalog and from [schemas/](../schemas), and
`tests/test_stream_page.py` holds it to them. How streams are chosen is in
[selection.md](selection.md), what each scope needs in [access.md](access.md), how streams go on
from where they were in [state.md](state.md).

Types: a *date* is a day in UTC, an *instant* is RFC 3339 in UTC, a *number* has every digit that
LinkedIn sent, *JSON* is an object or list that is kept as LinkedIn nests it. Columns of the *key*
are never null, others may be.
"""
ACCESS_NOTES = """\
What each takes of scopes and roles:
"""
SCOPE_NOTES = """\
`rw_ads` and `rw_organization_admin` serve as well. Forms and leads take the lists of ad accounts
and pages beside their own scope: `r_ads`, and `r_organization_admin` for those of pages.
"""
METRIC_NOTES = """\
Every metric of LinkedIn's ad reports, for all streams above that have them. A stream's catalog
leaves out what LinkedIn does not have for its pivots (*not for*) or in the chosen `api_version`
(*since*). In a row, a metric that *adds up* and that LinkedIn left out is 0; any other is null
where LinkedIn left it out. What is not selected is not asked for.
"""
CUSTOM_NOTES = """\
An entry of the setting `reports` is a stream with these columns, those of its pivots, and the
[metrics](#metrics) it names. Its key is `account_id`, the pivots' key columns, `time_granularity`
and `metric_date`. It needs the scope `r_ads_reporting` beside `r_ads`.
"""


@functools.cache
def streams() -> tuple[LinkedInStream, ...]:
    """Return every stream that the tap offers with its default settings, personal data included."""
    tap = TapLinkedInAds(config={"access_token": "unused", **singer.PERSONAL})
    return tuple(t.cast("Iterable[LinkedInStream]", tap.streams.values()))


def page() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION, _contents(), ACCESS_NOTES, _overview(), SCOPE_NOTES]
    families: dict[str, list[AdReport]] = {}
    for stream in streams():
        family = stream.report.schema if isinstance(stream, AdReport) else ""
        if family not in SHARED:
            parts.append(_section(stream))
        elif isinstance(stream, AdReport):
            families.setdefault(family, []).append(stream)
    parts += [_family(name, members) for name, members in families.items()]
    parts += [_custom_reports(), _metrics()]
    return "\n".join(parts)


def _contents() -> str:
    head = ("Stream", "Primary key", "Replication", "What one row is")
    return _table(head, map(_contents_row, streams()))


def _contents_row(stream: LinkedInStream) -> tuple[str, ...]:
    keys = ", ".join(f"`{key}`" for key in stream.primary_keys)
    key = stream.replication_key
    words = stream.report.row if isinstance(stream, AdReport) else ""
    first = (words or stream.schema["description"]).split(". ")[0].rstrip(".")
    if stream.name in ON_DEMAND:
        first += f": personal data, with `{ON_DEMAND[stream.name]}` only"
    replication = f"incremental, `{key}`" if key else "full table"
    return _link(stream), keys, replication, f"{first}."


def _overview() -> str:
    rows = []
    for stream in streams():
        default = "yes" if stream.selected_by_default else "no"
        if stream.name in ON_DEMAND:
            default = f"with `{ON_DEMAND[stream.name]}`"
        rows.append((_link(stream), default, ", ".join(_scopes(stream)), _role(stream)))
    return _table(("Stream", "By default", "Scopes", "The member's role"), rows)


def _link(stream: Stream) -> str:
    family = stream.report.schema if isinstance(stream, AdReport) else ""
    heading = SHARED.get(family, stream.name)
    return f"[`{stream.name}`](#{heading.lower().replace(' ', '-')})"


def _scopes(stream: LinkedInStream) -> list[str]:
    scopes = [resources.get(name).wants for name in stream.resources]
    found = list(dict.fromkeys(f"`{scope.split(' (or ')[0]}`" for scope in scopes))
    return found + [PRIVATE for scope in scopes if "private product" in scope]


def _role(stream: LinkedInStream) -> str:
    match stream.owner_keys:
        case ("account_id",):
            owners = {resources.get(name).owner_key for name in stream.resources}
            of_page = f"; {page_roles.named(page_roles.POST_ROLES)} on the page of each post"
            return f"any role on the ad account{of_page if len(owners) > 1 else ''}"
        case ("organization_id",):
            return f"{page_roles.named(stream.page_roles)} on the page"
        case _:
            return "a role on the ad account or page that owns it"


def _section(stream: Stream) -> str:
    lines = [f"## {stream.name}", "", stream.schema["description"], "", _facts(stream), ""]
    lines.append(_columns(_own(stream), stream.primary_keys))
    if isinstance(stream, AdReport):
        lines.append(_metrics_of(stream))
    return "\n".join(lines)


def _family(name: str, members: list[AdReport]) -> str:
    shared = schema.read(name)
    lines = [f"## {SHARED[name]}", "", shared["description"], ""]
    lines.append(_columns(schema.published(shared)["properties"], _shared_keys(members)))
    lines += ["| Stream | A row | Replication | Columns of its own |", "| --- | --- | --- | --- |"]
    for stream in members:
        own = [
            f"`{column}` ({_type(declared, column in stream.primary_keys)})"
            for column, declared in _own(stream).items()
            if column not in shared["properties"]
        ]
        replication = f"incremental, `{stream.replication_key}`"
        words = stream.report.row
        lines.append(f"| `{stream.name}` | {words} | {replication} | {', '.join(own) or '-'} |")
    counts = dict.fromkeys(_metrics_of(stream) for stream in members)
    if len(counts) == 1:
        lines += ["", next(iter(counts)).replace("It has", "Each has")]
    else:
        by_name = [f"`{stream.name}`: {len(stream.metrics)}" for stream in members]
        lines += ["", f"[Metrics](#metrics) of each: {', '.join(by_name)}.", ""]
    return "\n".join(lines)


def _shared_keys(members: list[AdReport]) -> tuple[str, ...]:
    common = set(members[0].primary_keys).intersection(*(m.primary_keys for m in members))
    return tuple(common)


def _own(stream: Stream) -> dict[str, t.Any]:
    metrics = schema.read("metrics")["properties"] if isinstance(stream, AdReport) else {}
    return {c: d for c, d in stream.schema["properties"].items() if c not in metrics}


def _facts(stream: Stream) -> str:
    keys = ", ".join(f"`{key}`" for key in stream.primary_keys)
    key = stream.replication_key
    replication = f"Incremental by `{key}`" if key else "Full table"
    return f"Key: {keys}. {replication}. Needs {' and '.join(_scopes(stream))}; {_role(stream)}."


def _metrics_of(stream: AdReport) -> str:
    everything = len(schema.read("metrics")["properties"])
    which = "all" if len(stream.metrics) == everything else "those that exist for its pivots"
    return f"It has {len(stream.metrics)} [metrics](#metrics) besides: {which}.\n"


def _columns(columns: Mapping[str, t.Any], keys: Iterable[str]) -> str:
    rows = [
        (f"`{column}`", _type(declared, column in keys), declared["description"])
        for column, declared in columns.items()
    ]
    return _table(("Column", "Type", "What it holds"), rows)


def _type(declared: Mapping[str, t.Any], is_key: bool) -> str:  # noqa: FBT001  a mark
    kinds = declared["type"] if isinstance(declared["type"], list) else [declared["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    if kind == "array":
        inner = declared.get("items", {})
        word = f"list of {_type(inner, False)}s" if "type" in inner else "JSON"  # noqa: FBT003
        word = word.replace("JSONs", "JSON")
    else:
        word = FORMATS.get(declared.get("format", ""), TYPES.get(kind, kind))
    return f"{word}, key" if is_key else word


def _custom_reports() -> str:
    own = schema.published(schema.read("custom_report"))["properties"]
    rows = []
    for pivot, declared in schema.read("pivots").items():
        if pivot.startswith("$") or "properties" not in declared:
            continue
        columns = [
            f"`{column}`{' (key)' if column_schema.get('x-key') else ''}"
            for column, column_schema in declared["properties"].items()
        ]
        rows.append((f"`{pivot}`", ", ".join(columns), declared["description"]))
    return "\n".join(
        [
            f"## {CUSTOM}",
            "",
            CUSTOM_NOTES,
            _columns(own, ("account_id", "time_granularity", "metric_date")),
            _table(("Pivot", "Columns", "Rows"), rows),
        ]
    )


def _metrics() -> str:
    rows = list(_metric_rows())
    head = ("Column", "LinkedIn's name", "Type", "Adds up", "Since", "Not for", "What it counts")
    return "\n".join([f"## {METRICS}", "", METRIC_NOTES, _table(head, rows)])


def _metric_rows() -> Iterator[tuple[str, ...]]:
    for column, declared in schema.read("metrics")["properties"].items():
        notes = declared["x-linkedin"]
        excluded = [PIVOT_GROUPS[pivot] for pivot in notes.get("not_for", ())]
        if needed := notes.get("needs_pivot"):
            excluded.append(f"reports without {', '.join(needed[:-1])} or {needed[-1]}")
        yield (
            f"`{column}`",
            f"`{notes['name']}`",
            _type(declared, False),  # noqa: FBT003
            "yes" if notes["additive"] else "no",
            notes.get("since", ""),
            ", ".join(excluded),
            declared["description"],
        )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )
