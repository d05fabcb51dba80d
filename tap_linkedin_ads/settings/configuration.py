"""From what a user set to values the tap works with; all that is wrong is told at once."""

from __future__ import annotations

import difflib
import json
import typing as t
from collections.abc import Mapping

from tap_linkedin_ads.settings import custom_reports
from tap_linkedin_ads.settings.readers import SECRETS, Kind
from tap_linkedin_ads.settings.table import (
    DEFAULT_API_VERSION,
    LONGEST_WINDOW,
    SETTINGS,
    Configuration,
    intelligence_windows,
)

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

_NESTED, _WINDOWS = "oauth_credentials", "company_intelligence_windows"
_WAY_OUT = "set access_token, or client_id, client_secret and refresh_token"
OTHER_TAPS = {
    "page_size": "singer-io's tap",
    **dict.fromkeys(
        ("campaign", "campaign_group", "creative", "owner", "batch_config"), "MeltanoLabs' tap"
    ),
    **dict.fromkeys(("credentials", "ad_analytics_reports"), "Airbyte's source"),
}
"""Settings of other connectors that this tap does not have, and whose they are."""


class SettingsReader:
    """Reads settings one by one and collects what is wrong with them."""

    def __init__(self, config: Mapping[str, t.Any]) -> None:
        self._config = config
        self.errors: list[str] = []

    def error(self, name: str, value: object, allowed: str) -> None:
        """Note one wrong setting; secrets are not repeated."""
        hidden = SETTINGS[name].kind.is_secret
        shown = "(hidden)" if hidden else json.dumps(value, default=str)[:80]
        self.errors.append(f"{name}: {shown} is not allowed; expected {allowed}")

    def get(self, name: str, kind: Kind[t.Any] | None = None) -> t.Any:  # noqa: ANN401  of its kind
        """Convert a setting; one that is wrong is noted, and its default is returned.

        Args:
            name: The setting.
            kind: What it may hold, where that is less than its row says.
        """
        setting, value = SETTINGS[name], self._config.get(name)
        kind = kind or setting.kind
        if value is None or value == "":
            return setting.default
        try:
            return kind.read(value)
        except (ValueError, TypeError, OverflowError):
            self.error(name, value, kind.expected)
            return setting.default


def read(
    config: Mapping[str, t.Any], *, known: frozenset[str], today: dt.date, version: str
) -> tuple[Configuration, list[str]]:
    """Convert a user's settings.

    Args:
        config: Settings as the user gave them.
        known: Every setting's name, the SDK's own included.
        today: The current day, UTC.
        version: The tap's version, for the User-Agent header.

    Returns:
        The configuration and one line for each setting that is wrong; the configuration is of
        use only where there is none.
    """
    credentials = _credentials(config)
    reader = SettingsReader({**config, **credentials})
    reader.errors += [*_unknown(config, known), *_wrong_credentials(credentials)]
    values = {name: reader.get(name) for name in SETTINGS if name != _WINDOWS}
    pinned = values["api_version"]
    values["api_version"] = pinned or DEFAULT_API_VERSION
    values[_WINDOWS] = reader.get(_WINDOWS, intelligence_windows(values["api_version"]))
    start, end = values["start_date"], values["end_date"]
    if start and start > (end or today):
        limit = f"end_date ({end})" if end else f"today ({today}, UTC)"
        reader.error("start_date", str(start), f"a day no later than {limit}")
    accounts, alias = values["account_ids"], values["accounts"]
    if accounts is not None and alias is not None and set(accounts) != set(alias):
        reader.error("accounts", list(alias), "the same as account_ids, or only one of the two")
    last = min(end or today, today)
    reports, wrong_reports = custom_reports.read(
        config.get("reports"), api_version=values["api_version"], start=start, end=last
    )
    reader.errors += wrong_reports
    values |= {
        "start_date": start or _a_year_before(today),
        "start_date_is_set": start is not None,
        "api_version_is_set": pinned is not None,
        "end_date": last,
        "account_ids": alias if accounts is None else accounts,
        "date_window_size": values["date_window_size"] or LONGEST_WINDOW,
        "reports": reports,
        "user_agent": values["user_agent"] or f"tap-linkedin-ads/{version}",
    }
    return Configuration(**values), reader.errors


def _a_year_before(day: dt.date) -> dt.date:
    if (day.month, day.day) == (2, 29):  # of the three years before a leap year, none is one
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)


def _unknown(config: Mapping[str, t.Any], known: frozenset[str]) -> Iterator[str]:
    for name in sorted(config):
        if name in known or name.startswith(f"{_NESTED}."):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        if other := OTHER_TAPS.get(name):
            hint = f"it is one of {other}: docs/migrating.md says what takes its place"
        else:
            hint = f"did you mean {near[0]}?" if near else "docs/settings.md lists all settings"
        yield f"{name}: there is no such setting; {hint}"
    for name in sorted({*_inside(config), *_dotted(config)} - SECRETS):
        yield f"{_NESTED}.{name}: there is no such setting; expected {', '.join(sorted(SECRETS))}"


def _inside(config: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the credentials under the names of another tap: one object."""
    given = config.get(_NESTED)
    return {str(k): v for k, v in given.items()} if isinstance(given, Mapping) else {}


def _dotted(config: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return them as Meltano writes them, with a dot."""
    return {k.partition(".")[2]: v for k, v in config.items() if k.startswith(f"{_NESTED}.")}


def _credentials(config: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the credentials under whichever names they are set."""
    places = config, _inside(config), _dotted(config)
    return {n: next((p[n] for p in places if p.get(n)), None) for n in sorted(SECRETS)}


def _wrong_credentials(given: Mapping[str, t.Any]) -> Iterator[str]:
    """Find out whether one kind of credentials is set: a token, or what buys one."""
    if given["access_token"] and given["refresh_token"]:
        yield f"access_token and refresh_token: both kinds of credentials are set; {_WAY_OUT}"
    yield from _missing(given)


def missing_credentials(config: Mapping[str, t.Any]) -> list[str]:
    """Return the line of ``read`` about credentials that are not set; discovery needs none."""
    return list(_missing(_credentials(config)))


def _missing(given: Mapping[str, t.Any]) -> Iterator[str]:
    missing = [name for name in ("client_id", "client_secret") if not given[name]]
    if not given["access_token"] and not given["refresh_token"]:
        yield f"access_token: no credentials are set; {_WAY_OUT}"
    elif not given["access_token"] and missing:
        yield f"{' and '.join(missing)}: missing beside refresh_token; {_WAY_OUT}"
