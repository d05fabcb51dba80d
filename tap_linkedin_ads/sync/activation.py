"""Whether a run has read everything there is of a stream, so that other rows are gone.

A loader that gets ACTIVATE_VERSION drops or marks all rows of earlier versions, whoever owns them.
So everything must have been read, of every owner whose rows may be in the table.
"""

from __future__ import annotations

import fnmatch
import typing as t

from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS, ALL_STREAMS

if t.TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tap_linkedin_ads.settings.table import Configuration
    from tap_linkedin_ads.sync.run_report import RunReport

ALL_OF: t.Final[Mapping[str, str]] = {
    "account_id": ALL_STREAMS,
    "organization_id": ALL_PAGE_STREAMS,
}
"""What the run report calls all streams of a kind of owner."""


class Reach(t.NamedTuple):
    """The ad accounts, or the pages, that a run can read.

    Attributes:
        found: Those that are in reach of any stream.
        readable: Those on which the member's roles suffice for one stream.
    """

    found: Collection[int]
    readable: Collection[int]


def limit(
    stream: str,
    owner_keys: Collection[str],
    settings: Configuration,
    stream_maps: Mapping[str, t.Any],
) -> str:
    """Return the setting by which a run leaves out rows that others may have loaded, or nothing.

    Args:
        stream: The stream.
        owner_keys: Context keys of its owners.
        settings: The tap's settings.
        stream_maps: The SDK's setting.
    """
    if "account_id" in owner_keys:
        if settings.account_ids is not None:
            return "account_ids"
        if settings.exclude_account_ids:
            return "exclude_account_ids"
    if "organization_id" in owner_keys and settings.organization_ids is not None:
        return "organization_ids"
    for name, rules in stream_maps.items():
        if not isinstance(rules, dict) or "__filter__" not in rules:
            continue
        if fnmatch.fnmatchcase(stream, str(rules.get("__source__", name))):
            return "a __filter__ in stream_maps"
    return ""


def missing(streams: Collection[str], owner_keys: Collection[str], run_report: RunReport) -> bool:
    """Whether anything was noted that a run did not read of some streams.

    Args:
        streams: The stream, and those that it depends on.
        owner_keys: Context keys of its owners.
        run_report: What was noted. Values that are null leave no record out.
    """
    concerned = {*streams, *(ALL_OF[key] for key in owner_keys)}
    return any(incident.stream in concerned for incident in run_report.noted) or any(
        odd.stream in concerned and not odd.column for odd in run_report.odd.values()
    )
