"""What a user hears before it hurts: versions and tokens that end, hosts that get the token."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from tap_linkedin_ads.api import versions
from tap_linkedin_ads.sync import notices
from tests import singer
from tests.callers import Caller
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from sandbox import Sandbox

DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone.utc)
TOKEN_LIFE = 60 * 86_400
REFRESH_LIFE = 365 * 86_400


def said(sandbox: Sandbox, **settings: t.Any) -> list[str]:  # noqa: ANN401
    """Return the notices of a run."""
    caller = Caller({**sandbox.config(), **settings})
    caller.run.give_notice()
    return caller.logged


ENDS = (
    "LinkedIn switches off API version 202602 on 2027-02-15: set api_version to a newer month "
    "before then."
)
ENDED = (
    "LinkedIn switched off API version 202602 on or about 2027-02-15: set api_version to a newer "
    "month if requests are refused (HTTP 426)."
)


@pytest.mark.parametrize(
    ("days_left", "told"), [(61, []), (60, [ENDS]), (1, [ENDS]), (0, [ENDED]), (-10, [ENDED])]
)
def test_a_version_is_warned_of_from_sixty_days_before(days_left: int, told: list[str]) -> None:
    """The warning names day and setting; nothing is said while there is time."""
    today = versions.sunset_of("202602") - days_left * DAY
    assert list(notices.version_warnings("202602", today, is_pinned=True)) == told


@pytest.mark.parametrize(("days_left", "count"), [(61, 0), (60, 1), (1, 1), (0, 0), (-10, 0)])
def test_the_default_version_is_warned_of_before_its_end_only(days_left: int, count: int) -> None:
    """Behind it the tap goes on with another version, and says so when it does."""
    sunset = versions.sunset_of("202602")
    found = list(notices.version_warnings("202602", sunset - days_left * DAY, is_pinned=False))
    assert len(found) == count
    assert all("Upgrade the tap" in text and "2027-02-15" in text for text in found)


def test_a_version_that_is_not_known_is_told() -> None:
    """A newer version than this release knows may be right; it is used and said."""
    assert versions.sunset_of("203001") == dt.date(2031, 1, 15)
    (notice,) = notices.version_warnings("203001", TODAY, is_pinned=True)
    assert "203001" in notice
    sunset = versions.sunset_of("203001")
    (ended,) = notices.version_warnings("203001", sunset, is_pinned=True)
    assert "switched off" in ended


@pytest.mark.parametrize(("days", "is_told"), [(31, False), (30, True), (1, True), (-1, True)])
@pytest.mark.parametrize("kind", ["access token", "refresh token"])
def test_a_token_is_warned_of_from_thirty_days_before(kind: str, days: int, is_told: bool) -> None:  # noqa: FBT001
    """The warning names the token, its end and the consent that mends it."""
    found = list(notices.token_warnings(kind, NOON + days * DAY, NOON))
    assert len(found) == is_told
    for notice in found:
        assert kind in notice
        assert f"{NOON + days * DAY:%Y-%m-%d}" in notice
        assert "consent" in notice


def test_a_token_of_unknown_end_is_not_warned_of() -> None:
    """LinkedIn does not tell everybody."""
    assert list(notices.token_warnings("access token", None, NOON)) == []


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("https://api.linkedin.com", False),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("http://localhost:8080", False),
        ("https://proxy.example", True),
        ("http://api.linkedin.com", True),
        ("https://api.linkedin.com.example", True),
        ("https://127.0.0.1.example", True),
    ],
)
def test_a_host_that_is_not_linkedin_is_warned_of(url: str, is_told: bool) -> None:  # noqa: FBT001
    """The token goes to api_url: anything but LinkedIn over TLS and this machine is said."""
    assert len(list(notices.api_url_warnings(url))) == is_told


def test_nothing_is_said_while_all_is_well(sandbox: Sandbox) -> None:
    """A fresh version, and a token whose end is not known, give no notice and cost no request."""
    assert said(sandbox) == []
    assert len(sandbox.log) == 0


@pytest.mark.parametrize(("days_old", "notices_given"), [(0, 0), (29, 0), (31, 1), (59, 1)])
def test_the_end_of_an_access_token_is_introspected(
    sandbox: Sandbox, days_old: int, notices_given: int
) -> None:
    """With the app's credentials beside the token, LinkedIn is asked when it ends."""
    start = sandbox.oauth.now()
    token = sandbox.oauth.token(sandbox.access_token)
    token.created = start
    # The tap's clock stands on TODAY: the token's end is put as far from there.
    token.expires = NOON.timestamp() + TOKEN_LIFE - days_old * 86_400
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    found = said(sandbox, **client)
    assert len(found) == notices_given
    assert [entry.finder for entry in sandbox.log] == ["introspectToken"]
    assert not [text for text in found if sandbox.access_token in text]


@pytest.mark.parametrize("fault", ["html", "truncate", "reset"])
def test_an_introspection_that_fails_is_no_failure(sandbox: Sandbox, fault: str) -> None:
    """The run goes on without the notice."""
    sandbox.faults.add(fault, path="/oauth", times=None)
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    assert said(sandbox, **client) == []


@pytest.mark.parametrize(("days_left", "notices_given"), [(300, 0), (31, 0), (29, 1), (1, 1)])
def test_the_end_of_a_refresh_token_is_told(
    sandbox: Sandbox, days_left: int, notices_given: int
) -> None:
    """A refresh says how long the refresh token lives on; it is never prolonged."""
    scopes, _ = sandbox.oauth.refresh_life(sandbox.refresh_token)
    refresh = sandbox.oauth.issue_refresh(scopes, expires_in=days_left * 86_400)
    config: dict[str, t.Any] = {**sandbox.credentials(), "refresh_token": refresh}
    del config["access_token"]
    caller = Caller(config)
    caller.run.give_notice()
    caller.fetch()
    assert len(caller.logged) == notices_given
    assert [entry.finder for entry in sandbox.log if entry.resource == "oauth"] == ["accessToken"]
    for text in caller.logged:
        assert "refresh token" in text
        assert refresh not in text


@pytest.mark.parametrize("seconds", [1e300, -5, 10**400, "soon", True, None])
def test_a_life_that_is_none_is_no_failure(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, seconds: object
) -> None:
    """Whatever the token endpoint says about the refresh token's life, the run starts."""
    exchange = sandbox.oauth._exchange

    def odd(form: dict[str, str]) -> dict[str, object]:
        return {**exchange(form), "refresh_token_expires_in": seconds}

    monkeypatch.setattr(sandbox.oauth, "_exchange", odd)
    config = sandbox.credentials()
    del config["access_token"]
    caller = Caller(config)
    caller.run.give_notice()
    assert len(caller.fetch().elements) == 3


def test_each_notice_is_given_once_a_run(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """However many streams and requests there are."""
    sandbox.oauth.token(sandbox.access_token).expires = NOON.timestamp() + 5 * 86_400
    config = singer.config(
        sandbox,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        api_version="202601",
    )
    selection: dict[str, None] = dict.fromkeys(("ad_accounts", "campaigns", "creatives"))
    output = singer.sync(config, catalog=singer.catalog(selection))
    assert output.status == 0
    for words in ("API version 202601", "The access token expires on 2026-11-27"):
        assert len([text for text in caplog.messages if words in text]) == 1
