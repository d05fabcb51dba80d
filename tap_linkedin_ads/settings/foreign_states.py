"""What the state of another connector tells of the days that it has read. Pure.

A bookmark may be taken over only where every day before it was read of every campaign. singer-io's
tap reads all campaigns of its ad accounts up to one bookmark a stream. MeltanoLabs' tap and
Airbyte's source leave out campaigns that were last modified before a certain day, and keep no note
of them: of their states comes a first day to read from, and no bookmark.
"""

from __future__ import annotations

import datetime as dt
import math
import typing as t
from dataclasses import dataclass

from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_ads.api import epoch
from tap_linkedin_ads.settings import input_files

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Json = dict[str, t.Any]
SINGER_IO, MELTANOLABS, AIRBYTE = "singer-io's tap", "MeltanoLabs' tap", "Airbyte's source"
REPORTS = ("ad_analytics_by_campaign", "ad_analytics_by_creative")
"""Streams of singer-io's and MeltanoLabs' taps that this tap has under the same names."""
_SINGER_IO_STREAMS = frozenset(
    {
        "accounts",
        "account_users",
        "campaign_groups",
        "campaigns",
        "creatives",
        "video_ads",
        *REPORTS,
    }
)
_SINGER_IO_READS_BACK = dt.timedelta(days=7)
_OF_MELTANOLABS = frozenset({"campaign_id", "creative_id", "owner_urn"})
"""Contexts of MeltanoLabs' bookmarks; none of this tap's has them."""
_END_DATE = "end_date"
_DAY = dt.timedelta(days=1)
_MOST_SECONDS = 10 * 366 * 86_400
"""LinkedIn keeps figures for ten years, so nothing reads further back."""


@dataclass(frozen=True)
class ForeignState:
    """A state as another connector left it.

    Attributes:
        connector: Whose it is.
        last_days: By stream of this tap, the last day that is certain to be read of every campaign.
        first_day: The day to read from where there are no bookmarks to be had; None where the state
            does not tell.
    """

    connector: str
    last_days: Mapping[str, dt.date]
    first_day: dt.date | None = None


def understood(content: object) -> ForeignState:
    """Tell what a state file of another connector says.

    Args:
        content: What the file holds, as JSON.

    Raises:
        ConfigValidationError: It is no state of a connector that is known here.
    """
    by_stream = dict(_airbyte_streams(content))
    if by_stream:
        return _of_airbyte(by_stream)
    state = input_files.unwrapped(content)[0] if isinstance(content, dict) else {}
    bookmarks = state.get("bookmarks")
    if not isinstance(bookmarks, dict) or not bookmarks:
        raise _wrong(
            "it holds no bookmarks of singer-io's tap, MeltanoLabs' tap or Airbyte's source"
        )
    if all(value is None or isinstance(value, str) for value in bookmarks.values()):
        return _of_singer_io(bookmarks)
    contexts = [p.get("context") or {} for _, p in _partitions(bookmarks)]
    if any(_OF_MELTANOLABS.intersection(context) for context in contexts):
        return _of_meltanolabs(bookmarks)
    if any("account_id" in context or "organization_id" in context for context in contexts):
        raise _wrong("this is a state of this tap already: hand it over with --state")
    raise _wrong("it is the state of a tap that is not known here: start without it")


def _of_singer_io(bookmarks: Mapping[str, str | None]) -> ForeignState:
    """Read singer-io's bookmarks, which are the day behind the newest row's, at midnight.

    They are the newest of all campaigns; one that was read days earlier in a long run is not
    complete up to them. So this goes on where that tap itself would: seven days before.
    """
    if unknown := sorted(bookmarks.keys() - _SINGER_IO_STREAMS):
        raise _wrong(f"singer-io's tap has no stream {unknown[0]}: start without it")
    days = {name: _day(name, bookmarks[name]) for name in REPORTS if bookmarks.get(name)}
    return ForeignState(
        SINGER_IO, {name: day - _SINGER_IO_READS_BACK for name, day in days.items()}
    )


def _of_meltanolabs(bookmarks: Mapping[str, t.Any]) -> ForeignState:
    values = (
        (stream, partition.get("replication_key_value"))
        for stream, partition in _partitions(bookmarks)
        if stream in REPORTS
    )
    return ForeignState(MELTANOLABS, {}, _first_day(values))


def _of_airbyte(by_stream: Mapping[str, Json]) -> ForeignState:
    """Read Airbyte's cursors, a day earlier for each day by which it reads back behind them."""
    reports = {
        stream: state
        for stream, state in by_stream.items()
        if stream.endswith("_analytics") or stream.startswith("custom_")
    }
    values = ((stream, v) for stream, state in reports.items() for v in _end_dates(state))
    found = _first_day(values)
    seconds = [state["lookback_window"] for state in reports.values() if _reads_back(state)]
    back = dt.timedelta(days=math.ceil(max(seconds, default=0) / _DAY.total_seconds()))
    return ForeignState(AIRBYTE, {}, found and max(found - back, epoch.EPOCH.date()))


def _reads_back(state: Json) -> bool:
    seconds = state.get("lookback_window")
    return type(seconds) is int and 0 < seconds < _MOST_SECONDS


def _first_day(values: Iterable[tuple[str, object]]) -> dt.date | None:
    """Return the day before the earliest bookmark; None where one of them stands for no day."""
    days = [value and _day(stream, value) for stream, value in values]
    if not days or not all(days):
        return None
    return min(day for day in days if isinstance(day, dt.date)) - _DAY


def _end_dates(state: object) -> Iterator[object]:
    """Give every cursor of reports in the state of a stream; parents have cursors of their own."""
    if isinstance(state, dict):
        if "cursor" in state and not state["cursor"]:
            yield None
        for key, value in state.items():
            if key == _END_DATE:
                yield value
            elif key != "parent_state":
                yield from _end_dates(value)
    elif isinstance(state, list):
        for value in state:
            yield from _end_dates(value)


def _airbyte_streams(content: object) -> Iterator[tuple[str, Json]]:
    """Give the streams of Airbyte's state in each form in which it is handed out.

    As messages of the protocol, as its API has them, and as one object by stream, which is how old
    versions kept it.
    """
    if isinstance(content, list):
        for item in content:
            yield from _airbyte_streams(item)
    if not isinstance(content, dict):
        return
    for inner in ("state", "stream", "streamState", "connectionState"):
        if isinstance(content.get(inner), (dict, list)):
            yield from _airbyte_streams(content[inner])
    descriptor = content.get("stream_descriptor") or content.get("streamDescriptor")
    if isinstance(descriptor, dict) and isinstance(descriptor.get("name"), str):
        state = content.get("stream_state") or content.get("streamState")
        yield descriptor["name"], state if isinstance(state, dict) else {}
    for name, state in content.items():
        if name.endswith("_analytics") and isinstance(state, dict):
            yield name, state


def _partitions(bookmarks: Mapping[str, t.Any]) -> Iterator[tuple[str, Json]]:
    for stream, state in bookmarks.items():
        partitions = state.get("partitions") if isinstance(state, dict) else None
        for partition in partitions if isinstance(partitions, list) else ():
            if isinstance(partition, dict):
                yield stream, partition


def _day(stream: str, value: object) -> dt.date:
    """Return the UTC day of a bookmark."""
    try:
        return max(epoch.parse(str(value)), epoch.EPOCH).date()
    except ValueError:
        raise _wrong(
            f"a bookmark of {stream} is {str(value)[:40]!r}; expected a date or date-time: start "
            "without it"
        ) from None


def _wrong(reason: str) -> ConfigValidationError:
    return ConfigValidationError("Wrong input", errors=[f"old state: {reason}"])
