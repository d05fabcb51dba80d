"""Custom reports: what a user asks for, checked against what LinkedIn would refuse."""

from __future__ import annotations

import difflib
import json
import re
import typing as t
from collections.abc import Mapping, Sequence

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.metrics import Metric, catalogue
from tap_linkedin_ads.reporting.periods import ALL, DAILY, MONTHLY, YEARLY
from tap_linkedin_ads.reporting.reports import CUSTOM, REPORTS, Report
from tap_linkedin_ads.settings.readers import CUSTOM_REPORTS, LOOKBACK, ids

if t.TYPE_CHECKING:
    import datetime as dt

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEYS = ("name", "pivots", "time_granularity", "metrics", "facets", "lookback_window")
_MOST_PIVOTS = 3
_SHORTEST_DAYS = {MONTHLY: 28, YEARLY: 365}
_URN_FACETS = {
    "campaigns": ("campaigns", "sponsoredCampaign"),
    "campaign_groups": ("campaignGroups", "sponsoredCampaignGroup"),
    "creatives": ("creatives", "sponsoredCreative"),
    "shares": ("shares", "share"),
    "companies": ("companies", "organization"),
}
_TYPES_OF_SHARES = ("share", "ugcPost")
_WORD_FACETS = {
    "campaign_type": (
        "campaignType",
        ("TEXT_AD", "SPONSORED_UPDATES", "SPONSORED_INMAILS", "DYNAMIC"),
    ),
    "objective_type": (
        "objectiveType",
        (
            "LEAD_GENERATION",
            "CREATIVE_ENGAGEMENT",
            "WEBSITE_TRAFFIC",
            "VIDEO_VIEW",
            "BRAND_AWARENESS",
            "WEBSITE_CONVERSION",
            "WEBSITE_VISIT",
            "ENGAGEMENT",
            "JOB_APPLICANT",
        ),
    ),
}


class _WrongReportError(ValueError):
    """One thing that LinkedIn would refuse, and why."""


def read(
    value: object, *, api_version: str, start: dt.date | None, end: dt.date
) -> tuple[tuple[Report, ...], list[str]]:
    """Read the setting ``reports``.

    Args:
        value: An array of objects, or its JSON.
        api_version: YYYYMM; decides which metrics exist.
        start: The configured start_date, where there is one.
        end: The configured end_date, or today.

    Returns:
        The reports, and one line for each thing that is wrong with them.
    """
    if value is None or value == "":
        return (), []
    try:
        entries = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        return (), [f"reports: expected {CUSTOM_REPORTS.expected}"]
    metrics = {m.name: m for m in catalogue(schema.read("metrics")["properties"])}
    days = (end - start).days + 1 if start else None
    found: list[Report] = []
    errors: list[str] = []
    taken = {report.name for report in REPORTS} | set(schema.stream_names())
    for number, entry in enumerate(entries, start=1):
        label = entry.get("name") if isinstance(entry, Mapping) else None
        where = f"reports, entry {number} ({label or 'without a name'})"
        try:
            report = _report(entry, metrics, api_version, days)
        except _WrongReportError as error:
            errors.append(f"{where}: {error}")
            continue
        if report.name in taken:
            errors.append(f"{where}: name: another stream is called {report.name}")
        taken.add(report.name)
        found.append(report)
    return tuple(found), errors


def _report(
    entry: object, metrics: Mapping[str, Metric], api_version: str, days: int | None
) -> Report:
    if not isinstance(entry, Mapping):
        raise _WrongReportError("expected an object with name, pivots and metrics")
    for key in entry:
        if key not in _KEYS:
            raise _WrongReportError(f"{key}: there is no such key; allowed are {', '.join(_KEYS)}")
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _WrongReportError(
            "name: expected lower-case letters, digits and underscores, a letter first"
        )
    granularity = _granularity(entry.get("time_granularity") or DAILY, days)
    pivots = _pivots(entry.get("pivots"))
    is_demographic = any(pivot.startswith("MEMBER_") for pivot in pivots)
    asked = pivots
    if not is_demographic and "ACCOUNT" not in pivots and len(pivots) < _MOST_PIVOTS:
        asked = ("ACCOUNT", *pivots)
    return Report(
        name=name,
        pivots=asked,
        row=f"Custom report by {', '.join(pivots)}, {granularity}.",
        schema=CUSTOM,
        by_default=True,
        granularity=granularity,
        metrics=_metrics(entry.get("metrics"), metrics, asked, api_version),
        facets=_facets(entry.get("facets") or {}, is_demographic=is_demographic),
        lookback_days=_lookback(entry.get("lookback_window")),
    )


def _granularity(value: object, days: int | None) -> str:
    allowed = (DAILY, MONTHLY, YEARLY, ALL)
    if value not in allowed:
        raise _WrongReportError(f"time_granularity: {value!r}; allowed are {', '.join(allowed)}")
    shortest = _SHORTEST_DAYS.get(str(value), 0)
    if days is not None and days < shortest:
        raise _WrongReportError(
            f"time_granularity: {value} needs a range of at least {shortest} days, and start_date "
            f"to end_date is {days}"
        )
    return str(value)


def _lookback(value: object) -> int | None:
    if value is None:
        return None
    try:
        return LOOKBACK.read(value)
    except (ValueError, TypeError):
        raise _WrongReportError(
            f"lookback_window: {value!r} is not allowed; expected {LOOKBACK.expected}"
        ) from None


def _pivots(value: object) -> tuple[str, ...]:
    known = schema.read("pivots")
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not value:
        raise _WrongReportError("pivots: expected an array of one to three pivots")
    for pivot in value:
        if not isinstance(pivot, str) or pivot not in known:
            raise _WrongReportError(f"pivots: {pivot!r} is no pivot{_near(pivot, known)}")
    if len(value) > _MOST_PIVOTS:
        raise _WrongReportError(f"pivots: LinkedIn allows at most 3, not {len(value)}")
    if len(set(value)) < len(value):
        raise _WrongReportError("pivots: one is named twice")
    demographic = [pivot for pivot in value if pivot.startswith("MEMBER_")]
    if demographic and len(value) > 1:
        raise _WrongReportError(
            f"pivots: {demographic[0]} must stand alone, LinkedIn refuses it beside another pivot"
        )
    return tuple(value)


def _metrics(
    value: object, metrics: Mapping[str, Metric], pivots: Sequence[str], api_version: str
) -> tuple[str, ...] | None:
    if value in ("*", ["*"]):
        return None
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not value:
        raise _WrongReportError("metrics: expected an array of LinkedIn's names, or * for all")
    for name in value:
        metric = metrics.get(name) if isinstance(name, str) else None
        if metric is None:
            raise _WrongReportError(f"metrics: {name!r} is no metric{_near(name, metrics)}")
        if metric.since > api_version:
            raise _WrongReportError(
                f"metrics: {name} exists since API version {metric.since}, and api_version is "
                f"{api_version}"
            )
        if not metric.exists_for(pivots, api_version):
            raise _WrongReportError(
                f"metrics: LinkedIn has no {name} for the pivots {', '.join(pivots)}"
            )
    return tuple(dict.fromkeys(value))


def _facets(value: object, *, is_demographic: bool) -> dict[str, t.Any]:
    if not isinstance(value, Mapping):
        raise _WrongReportError("facets: expected an object")
    facets: dict[str, t.Any] = {}
    for name, given in value.items():
        if name in _URN_FACETS:
            parameter, entity = _URN_FACETS[name]
            facets[parameter] = _urns(name, given, entity)
        elif name in _WORD_FACETS:
            parameter, words = _WORD_FACETS[name]
            if given not in words:
                raise _WrongReportError(f"facets.{name}: {given!r}; allowed: {', '.join(words)}")
            if name == "objective_type" and is_demographic:
                raise _WrongReportError("facets.objective_type: not beside a MEMBER_* pivot")
            facets[parameter] = given
        else:
            allowed = [*_URN_FACETS, *_WORD_FACETS]
            raise _WrongReportError(f"facets.{name}: there is no such facet{_near(name, allowed)}")
    return facets


def _urns(name: str, given: object, entity: str) -> list[str]:
    items = given if isinstance(given, list) else [given]
    types = _TYPES_OF_SHARES if entity == "share" else (entity,)
    prefixes = tuple(f"urn:li:{entity_type}:" for entity_type in types)
    if all(isinstance(item, str) and item.startswith(prefixes) for item in items) and items:
        return [str(item) for item in items]
    try:
        return [urn.make(entity, number) for number in ids(entity).read(given)]
    except (ValueError, TypeError):
        raise _WrongReportError(f"facets.{name}: expected ids or URNs ({prefixes[0]}1)") from None


def _near(name: object, known: t.Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
