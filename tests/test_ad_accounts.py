"""Which ad accounts a run reads."""

from __future__ import annotations

import datetime as dt
import typing as t
from urllib.parse import parse_qs, urlsplit

import pytest

from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.sync.ad_accounts import AdAccounts
from tap_linkedin_ads.sync.earlier_runs import EarlierRuns
from tap_linkedin_ads.sync.run_report import ALL_STREAMS, Severity
from tests.linkedin_mock import REST, Mocked, mocked

if t.TYPE_CHECKING:
    import requests

MISSING = (
    "account_ids lists this ad account, but LinkedIn does not give it to this member: it does not "
    "exist, or the member has no role on it (VIEWER is enough); its bookmarks stay where they are"
)
LOST = (
    "an earlier run read this ad account{}, but LinkedIn no longer gives it to this member: its "
    "bookmarks stay, and it is filled in when the role is back"
)
NONE = (
    "LinkedIn gives this member no ad account to read, so these streams have no rows: the member "
    "has no role on any, or exclude_account_ids leaves none"
)


def gives(linkedin: Mocked, *rows: t.Any, by_id: tuple[int, ...] = ()) -> None:  # noqa: ANN401
    """Let a search without criteria give these rows, and one by id those ad accounts as well."""

    def answer(request: requests.Request, _: object) -> dict[str, t.Any]:
        asked = parse_qs(urlsplit(str(request.url)).query).get("search")
        if asked is None:
            return {"elements": rows, "metadata": {}}
        return {"elements": [{"id": n} for n in by_id if f":{n}" in asked[0]], "metadata": {}}

    linkedin.linkedin.get(f"{REST}/adAccounts", json=answer)


def test_every_ad_account_of_the_member_is_read() -> None:
    """In ascending order, as LinkedIn sends them, asked for once."""
    with mocked() as linkedin:
        gives(linkedin, {"id": 9, "name": "b"}, {"id": "8", "status": "DRAFT"}, {"id": 10})
        found = AdAccounts(linkedin.run)
        assert found.ids == (8, 9, 10)
        assert found.by_id[9] == {"id": 9, "name": "b"}
        assert found.by_id[8] == {"id": "8", "status": "DRAFT"}
        assert linkedin.asked == ["/adAccounts?q=search&pageSize=1000"]
        assert linkedin.run.client.requests_sent == {"ad_accounts": 1}
        assert linkedin.run.report.subjects == {8, 9, 10}
        assert linkedin.noted == []


def test_listed_ad_accounts_are_asked_for_by_id_before_they_are_missing() -> None:
    """Those that neither search gives are named; the order is that of the numbers."""
    with mocked(account_ids=[12, 9, 11]) as linkedin:
        gives(linkedin, {"id": 9}, {"id": 10}, by_id=(12,))
        found = AdAccounts(linkedin.run)
        assert found.ids == (9, 12)
        assert all("q=search&" in asked for asked in linkedin.asked)
        assert [parse_qs(urlsplit(asked).query).get("search") for asked in linkedin.asked] == [
            None,
            ["(id:(values:List(urn:li:sponsoredAccount:12,urn:li:sponsoredAccount:11)))"],
        ]
        assert linkedin.noted == [(ALL_STREAMS, 11, MISSING, Severity.FAILED)]
        assert linkedin.logged == [f"Ad account 11: {MISSING}."]


def test_a_missing_ad_account_may_be_a_warning() -> None:
    """Where the settings say so."""
    with mocked(account_ids=[11], on_account_error="warn") as linkedin:
        gives(linkedin)
        assert AdAccounts(linkedin.run).ids == ()
        assert linkedin.noted == [(ALL_STREAMS, 11, MISSING, Severity.WARNING)]


def test_an_empty_list_reads_nothing() -> None:
    """And asks nothing."""
    with mocked(account_ids=[]) as linkedin:
        assert AdAccounts(linkedin.run).ids == ()
        assert linkedin.asked == []
        why = "account_ids is empty, so no ad account is read"
        assert linkedin.noted == [(ALL_STREAMS, None, why, Severity.WARNING)]
        assert linkedin.logged == [f"{why}."]


def test_excluded_ad_accounts_are_left_out() -> None:
    """One that LinkedIn does not give may be a slip, and is named."""
    with mocked(exclude_account_ids=[9, 77, 66]) as linkedin:
        gives(linkedin, {"id": 9}, {"id": 10})
        assert AdAccounts(linkedin.run).ids == (10,)
        assert linkedin.run.report.subjects == {10}
        why = (
            "exclude_account_ids names ad accounts that LinkedIn does not give to this member: "
            "66, 77"
        )
        assert linkedin.noted == [(ALL_STREAMS, None, why, Severity.WARNING)]


def test_no_ad_account_is_told() -> None:
    """Nothing fails: the member may have company pages."""
    with mocked() as linkedin:
        gives(linkedin)
        assert AdAccounts(linkedin.run).by_id == {}
        assert linkedin.noted == [(ALL_STREAMS, None, NONE, Severity.WARNING)]


@pytest.mark.parametrize("row", [{"name": "x"}, {"id": None}, 5])
def test_an_ad_account_without_id_is_left_out(row: object) -> None:
    """The run is not complete; the others are read."""
    with mocked() as linkedin:
        gives(linkedin, row, {"id": 9})
        assert AdAccounts(linkedin.run).ids == (9,)
        ((streams, account, why, severity),) = linkedin.noted
        assert (streams, account, severity) == (ALL_STREAMS, None, Severity.FAILED)
        assert why.startswith("adAccounts: LinkedIn sent an ad account without id. It is left out")


def test_every_caller_hears_of_a_failure() -> None:
    """LinkedIn is asked once."""
    with mocked() as linkedin:
        linkedin.linkedin.get(f"{REST}/adAccounts", status_code=403, json={"status": 403})
        found = AdAccounts(linkedin.run)
        for _ in range(2):
            with pytest.raises(RequestFailedError) as raised:
                _ = found.by_id
            assert raised.value.failure.status == 403
        assert len(linkedin.asked) == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [({}, [6, 7]), ({"exclude_account_ids": [7]}, [6]), ({"account_ids": [9]}, [])],
)
def test_ad_accounts_of_an_earlier_run_that_are_gone_are_told(
    settings: dict[str, t.Any], told: list[int]
) -> None:
    """Each in a line of its own, with its last day; what the settings leave out is no news."""
    with mocked(**settings) as linkedin:
        gives(linkedin, {"id": 9}, {"id": 7} if "exclude_account_ids" in settings else {"id": 8})
        days = {9: None, 7: None, 6: dt.date(2026, 9, 30)}
        linkedin.run.earlier = EarlierRuns(accounts=days)
        assert AdAccounts(linkedin.run).ids
        texts = {6: LOST.format(" (last day read: 2026-09-30)"), 7: LOST.format("")}
        assert linkedin.noted == [(ALL_STREAMS, n, texts[n], Severity.WARNING) for n in told]
        assert linkedin.logged == [f"Ad account {n}: {texts[n]}." for n in told]


def test_a_lost_ad_account_may_be_a_failure() -> None:
    """Where the settings say so."""
    with mocked(on_lost_account="fail") as linkedin:
        gives(linkedin, {"id": 9})
        linkedin.run.earlier = EarlierRuns(accounts={7: None})
        assert AdAccounts(linkedin.run).ids == (9,)
        assert linkedin.noted == [(ALL_STREAMS, 7, LOST.format(""), Severity.FAILED)]


def test_a_list_that_is_not_whole_loses_nobody() -> None:
    """The ad account that nobody could make out may be the one that is missing."""
    with mocked() as linkedin:
        gives(linkedin, {"name": "x"}, {"id": 9})
        linkedin.run.earlier = EarlierRuns(accounts={7: None})
        assert AdAccounts(linkedin.run).ids == (9,)
        assert [account for _, account, *_ in linkedin.noted] == [None]
