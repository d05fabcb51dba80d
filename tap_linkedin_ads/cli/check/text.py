"""The report of ``check`` as text: for its user, and without names and numbers for others. Pure."""

from __future__ import annotations

import re
import textwrap
import typing as t

from tap_linkedin_ads.cli import tables
from tap_linkedin_ads.cli.check.checkup import missing_scopes

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tap_linkedin_ads.cli.check.checkup import Checkup, Cost, Verdict, Visible

MOST_SHOWN = 12
_MILLION = 1_000_000
_PRIVATE = re.compile(r"https?://\S+|\d{7,}")


def render(checkup: Checkup, most_shown: int = MOST_SHOWN, width: int = tables.WIDEST) -> str:
    """Return the report.

    Args:
        checkup: What was found out.
        most_shown: Ad accounts to list, and pages.
        width: Columns of the terminal.
    """
    lines = [
        *_head(checkup, width),
        *_visible(checkup, most_shown, width),
        *_rest(checkup, width),
    ]
    return "\n".join(lines) + "\n"


def render_support(checkup: Checkup, surroundings: Mapping[str, str]) -> str:
    """Return the report for a bug report: no secret, no name, no id.

    Args:
        checkup: The report.
        surroundings: Versions and settings, already without secrets.
    """
    width = tables.WIDEST
    lines = ["Surroundings", *_pairs(surroundings.items(), width), "", *_head(checkup, width)]
    others: list[str] = []
    for title, things in (("Ad accounts", checkup.accounts), ("Company pages", checkup.pages)):
        others += _counted(title, things, width)
    others += _rest(checkup, width)
    return "\n".join([*lines, *(_PRIVATE.sub("(hidden)", line) for line in others)]) + "\n"


def _head(checkup: Checkup, width: int) -> list[str]:
    days = (checkup.sunset - checkup.now.date()).days
    until = f"until {checkup.sunset} ({days} days)" if days > 0 else f"ended {checkup.sunset}"
    lines = [
        f"tap-linkedin-ads {checkup.version}, {checkup.now:%Y-%m-%d %H:%M} UTC",
        f"API version {checkup.api_version}, {until}",
        *_wrapped(", ".join(checkup.versions) or "not asked", "LinkedIn answers versions ", width),
        "",
        "Token",
    ]
    return lines + _pairs(_token(checkup), width)


def _token(checkup: Checkup) -> Iterable[tuple[str, str]]:
    token = checkup.token
    if token.trouble:
        yield "does not work", token.trouble
    untold = "LinkedIn tells it only with client_id and client_secret beside the token"
    yield "access token", _until(token.valid_until, checkup.now, untold)
    if token.has_refresh:
        untold = "LinkedIn did not tell"
        yield "refresh token", _until(token.refresh_until, checkup.now, untold)
    else:
        yield "refresh token", "none is set"
    yield "scopes", ", ".join(sorted(token.scopes)) if token.scopes is not None else "not told"
    for scope, streams in missing_scopes(checkup).items():
        yield "missing scope", f"{scope}, for {', '.join(streams)}"


def _until(moment: dt.datetime | None, now: dt.datetime, untold: str) -> str:
    if moment is None:
        return f"end unknown: {untold}"
    return f"valid until {moment:%Y-%m-%d %H:%M} UTC ({(moment - now).days} days)"


def _visible(checkup: Checkup, most_shown: int, width: int) -> list[str]:
    lines: list[str] = []
    for title, things in (("Ad accounts", checkup.accounts), ("Company pages", checkup.pages)):
        lines += ["", f"{title} ({len(things)} in sight)"]
        rows = [
            (
                str(thing.key),
                thing.name,
                thing.status if thing.is_read else f"{thing.status}, not read",
                ", ".join(thing.roles).replace("_", " ") or "no role told",
                f"allows {', '.join(thing.allows)}" if thing.allows else "",
            )
            for thing in things[:most_shown]
        ]
        if tables.has_room_for(rows, width - 2):
            lines += _columns(rows, width)
        else:
            lines += _columns([row[:-1] for row in rows], width)
            lines += _allowed(things[:most_shown], width)
        if len(things) > most_shown:
            lines += _wrapped(
                f"... and {len(things) - most_shown} more; check --show {len(things)} lists all",
                "  ",
                width,
            )
    return lines


def _allowed(pages: Sequence[Visible], width: int) -> Iterable[str]:
    """Say below the table what each page allows, where the table has no room for it."""
    by_streams: dict[tuple[str, ...], list[str]] = {}
    for page in pages:
        if page.allows:
            by_streams.setdefault(page.allows, []).append(str(page.key))
    for allows, keys in by_streams.items():
        yield from _wrapped(f"{', '.join(keys)} allow {', '.join(allows)}", "  ", width)


def _counted(title: str, things: Sequence[Visible], width: int) -> list[str]:
    kinds: dict[str, int] = {}
    for thing in things:
        kind = " / ".join(filter(None, (thing.status, ", ".join(thing.roles) or "no role told")))
        kinds[kind] = kinds.get(kind, 0) + 1
    counts = ((str(number), kind) for kind, number in kinds.items())
    return ["", f"{title} ({len(things)} in sight)", *_pairs(counts, width)]


def _rest(checkup: Checkup, width: int) -> list[str]:
    lines = [*_streams(checkup.verdicts, width), *_costs(checkup, width)]
    for title, texts in (("Troubles", checkup.troubles), ("Soon", checkup.notices)):
        if texts:
            lines += ["", title]
            lines += [line for text in texts for line in _wrapped(text, "  ", width)]
    return [*lines, "", *_wrapped(_result(checkup), "", width)]


def _streams(verdicts: Sequence[Verdict], width: int) -> list[str]:
    lines = []
    for title, of in (("Selected streams", True), ("Other streams", False)):
        mine = [verdict for verdict in verdicts if verdict.is_selected is of]
        if not mine:
            continue
        lines += ["", title]
        reasons: dict[str, list[str]] = {}
        for verdict in mine:
            reasons.setdefault(verdict.reason, []).append(verdict.stream)
        working = reasons.pop("", [])
        if working and of:
            lines += _wrapped(", ".join(working), "  will work:     ", width)
        elif working:
            lines.append(f"  {len(working)} more would work")
        for reason, names in reasons.items():
            lines += _wrapped(", ".join(names), "  will not work: ", width)
            lines += _wrapped(reason, "                 because ", width)
    return lines


def _costs(checkup: Checkup, width: int) -> list[str]:
    if not checkup.costs:
        return []
    title = f"A first run, {checkup.first_day} to {checkup.last_day}, is expected to take"
    rows = [("STREAM", "WINDOWS", "REQUESTS", "METRIC VALUES")]
    rows += [_cost(cost) for cost in checkup.costs if cost.windows]
    others = [cost for cost in checkup.costs if not cost.windows]
    if others:
        requests = sum(cost.requests for cost in others)
        rows.append((f"{len(others)} other streams", "", f"{requests:,} or more", ""))
    values = sum(cost.values for cost in checkup.costs)
    minutes = checkup.quota_minutes
    takes = f"take {minutes} minutes at least" if minutes else "fit in"
    told = (
        f"{values:,} metric values {takes}: "
        f"{checkup.metric_values_limit / _MILLION:g} million are allowed in any five minutes."
    )
    return [
        "",
        *_wrapped(title, "", width),
        *_columns(rows, width, right={1, 2, 3}),
        *_wrapped(told, "  ", width),
    ]


def _cost(cost: Cost) -> tuple[str, str, str, str]:
    more = " or more" if cost.is_least else ""
    return cost.stream, f"{cost.windows:,}", f"{cost.requests:,}{more}", f"{cost.values:,}{more}"


def _result(checkup: Checkup) -> str:
    selected = [verdict for verdict in checkup.verdicts if verdict.is_selected]
    failing = [verdict for verdict in selected if not verdict.works]
    if checkup.token.trouble:
        return "Result: nothing will work with this token."
    if failing:
        return f"Result: {len(failing)} of {len(selected)} selected streams will not work."
    if checkup.troubles:
        return "Result: the selected streams will work, but not for everything that is listed."
    return f"Result: all {len(selected)} selected streams will work."


def _pairs(pairs: Iterable[tuple[str, str]], width: int) -> list[str]:
    found = list(pairs)
    wide = max((len(name) for name, _ in found), default=0)
    return [line for name, text in found for line in _wrapped(text, f"  {name:{wide}}  ", width)]


def _wrapped(text: str, lead: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [lead.rstrip()]


def _columns(rows: Sequence[tuple[str, ...]], width: int, right: Collection[int] = ()) -> list[str]:
    if not rows:
        return []
    table = tables.fitted(rows, width - 2, right=right)
    return [f"  {line}" for line in tables.lines(table, width - 2)]
