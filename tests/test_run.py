"""What the streams of one run share, and what is noted for all of them."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS, Severity
from tests.callers import ACCOUNTS
from tests.linkedin_mock import API, REST, Mocked, mocked
from tests.singer import TODAY

STREAM = "ad_performance"


def failed(remedy: Remedy) -> RequestFailedError:
    """Return the failure of a request."""
    return RequestFailedError(Failure(remedy, 500, "No."), "adCampaigns")


def test_a_run_begins_at_one_instant() -> None:
    """Its day and its time stay what they were; settings go where they belong."""
    with mocked(max_workers=3, metric_values_limit=77) as linkedin:
        run = linkedin.run
        assert (run.today, run.read_at) == (TODAY, f"{TODAY}T12:00:00.000+00:00")
        assert run.quota.limit == 77
        assert run.settings.max_workers == 3
        run.clock.sleep(86_400)
        assert (run.today, run.read_at) == (TODAY, f"{TODAY}T12:00:00.000+00:00")


def test_requests_say_what_the_settings_say() -> None:
    """Version, user agent, token and address."""
    with mocked(api_version="202609", user_agent="mine/1") as linkedin:
        linkedin.linkedin.get(f"{REST}/adAccounts", json={"elements": []})
        linkedin.run.client.fetch(ACCOUNTS, responses.finder)
        (request,) = linkedin.linkedin.request_history
        assert request.headers["LinkedIn-Version"] == "202609"
        assert request.headers["User-Agent"] == "mine/1"
        assert request.headers["Authorization"] == "Bearer made-up"
        assert request.timeout == (30.0, 300)


def test_a_display_sees_rows_requests_and_values() -> None:
    """Rows by stream, whichever ad account they are of."""
    with mocked(metric_values_limit=77) as linkedin:
        run = linkedin.run
        run.report.rows["a", 1] += 2
        run.report.rows["a", 2] += 3
        run.report.rows["b", None] += 4
        run.client.requests_sent["a"] += 5
        found = run.snapshot()
        assert found.rows == {"a": 5, "b": 4}
        assert found.requests == {"a": 5}
        assert (found.values, found.values_limit) == (0, 77)
        assert found.streams == run.progress.streams
        assert 0 <= run.clock.monotonic() - found.now < 60


@pytest.mark.parametrize(
    ("remedy", "severity"),
    [
        (Remedy.SET_ASIDE, Severity.WARNING),
        (Remedy.STOP_RESOURCE, Severity.QUOTA),
        (Remedy.FIX_REQUEST, Severity.FAILED),
        (Remedy.OUTAGE, Severity.FAILED),
    ],
)
def test_missing_names_are_noted(remedy: Remedy, severity: Severity) -> None:
    """What the member may not read is missing in every run; anything else failed in this one."""
    with mocked() as linkedin:
        linkedin.run.note_missing_names(STREAM, 7, "names of campaigns", failed(remedy))
        ((stream, account, why, found),) = linkedin.noted
        assert (stream, account, found) == (STREAM, 7, severity)
        assert why.startswith("names of campaigns are missing: ")
        assert "No." in why
        assert linkedin.logged == [f"{STREAM}: {why}"]


def test_an_owner_without_a_number_is_noted_once() -> None:
    """Lists of pages are read once for each role."""
    with mocked() as linkedin:
        for what in ("A role on no page", "A role on no page", "Something else"):
            linkedin.run.note_nameless(ALL_PAGE_STREAMS, what)
        told = (
            "It is left out and the others are read: run the tap again, and report it with this "
            "message if that stays"
        )
        assert linkedin.noted == [
            (ALL_PAGE_STREAMS, None, f"{what}. {told}", Severity.FAILED)
            for what in ("A role on no page", "Something else")
        ]
        assert linkedin.logged == [f"{ALL_PAGE_STREAMS}: {why}" for _, _, why, _ in linkedin.noted]


def notices(linkedin: Mocked) -> list[str]:
    """Return what a run warns of, but for the address, which tests make up."""
    linkedin.run.give_notice()
    first, *rest = linkedin.logged
    assert first == f"api_url is {API}: the access token is sent to that host, not to LinkedIn."
    return rest


def test_notice_of_an_old_version() -> None:
    """A version that is pinned ends on a known day."""
    with mocked(api_version="202512") as linkedin:
        found = notices(linkedin)
        assert found
        assert all("202512" in line for line in found)


@pytest.mark.parametrize(("days", "is_told"), [(6, True), (60, False)])
def test_notice_of_an_access_token_that_ends(days: int, *, is_told: bool) -> None:
    """Asked of LinkedIn where the app's id and secret are known."""
    ends = dt.datetime.combine(TODAY, dt.time(12), dt.timezone.utc) + dt.timedelta(days=days)
    settings = {"client_id": "a", "client_secret": "b", "oauth_url": f"{API}/oauth/v2"}
    with mocked(**settings) as linkedin:
        asked = linkedin.linkedin.post(
            f"{API}/oauth/v2/introspectToken", json={"expires_at": int(ends.timestamp())}
        )
        told = [f"The access token expires on {ends:%Y-%m-%d %H:%M} UTC"] if is_told else []
        found = notices(linkedin)
        assert [line.split(": ")[0] for line in found] == told
        assert asked.last_request is not None
        assert asked.last_request.text == "client_id=a&client_secret=b&token=made-up"
        assert asked.last_request.timeout == linkedin.run.settings.request_timeout


@pytest.mark.parametrize(("days", "is_told"), [(6, True), (300, False), (None, False)])
def test_notice_of_a_refresh_token_that_ends(days: int | None, *, is_told: bool) -> None:
    """LinkedIn says it where it gives an access token."""
    settings = {"client_id": "a", "client_secret": "b", "refresh_token": "c"}
    with mocked(access_token=None, **settings, oauth_url=f"{API}/oauth/v2") as linkedin:
        body: dict[str, t.Any] = {"access_token": "made-up", "expires_in": 5000}
        if days is not None:
            body["refresh_token_expires_in"] = days * 86_400
        linkedin.linkedin.post(f"{API}/oauth/v2/accessToken", json=body)
        found = notices(linkedin)
        assert len(found) == is_told
        assert all(
            line.startswith("The refresh token expires on 2026-11-28 12:0") for line in found
        )
