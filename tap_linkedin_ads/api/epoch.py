"""LinkedIn's milliseconds since 1970, and the UTC days and instants that they stand for. Pure."""

from __future__ import annotations

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
DAY_MS = 86_400_000


def milliseconds(moment: dt.datetime) -> int:
    """Return an aware date-time as milliseconds since the epoch, rounded down."""
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.timezone.utc)


def midnight_ms(day: dt.date) -> int:
    """Return the instant at which a UTC day begins, in milliseconds since the epoch."""
    return milliseconds(midnight(day))


def day_of(instant_ms: int) -> dt.date:
    return EPOCH.date() + dt.timedelta(days=instant_ms // DAY_MS)


def instant(instant_ms: int) -> str:
    """Return RFC 3339 in UTC with milliseconds, from milliseconds since the epoch."""
    moment = EPOCH + dt.timedelta(milliseconds=instant_ms)
    return moment.isoformat(timespec="milliseconds")


def parse(text: str) -> dt.datetime:
    """Return the UTC instant of a bookmark, which is a date or a date-time.

    A date is its midnight. A date-time without a zone is UTC; one that cannot be read counts as the
    midnight of its date.

    Raises:
        ValueError: The text does not begin with a date.
    """
    try:
        moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.replace(tzinfo=moment.tzinfo or dt.timezone.utc).astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        return midnight(dt.date.fromisoformat(text[:10]))
