"""Names of campaigns and creatives for reports: learned, looked up, kept and forgotten."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest

from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.finders import AccountFinder, Cursor
from tap_linkedin_ads.sync.entity_names import Entity, EntityNames
from tap_linkedin_ads.sync.run_report import Severity
from tests.linkedin_mock import REST, Mocked, mocked

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_linkedin_ads.api import responses

GROUP = "urn:li:sponsoredCampaignGroup:3"
REPORT = "ad_performance"
NOTHING = Entity(None, None)


def finder(resource: str) -> AccountFinder:
    """Return the finder of an entity."""
    return AccountFinder(resource, f"/adAccounts/{{account}}/{resource}", {}, Cursor(100))


FINDERS = {"campaigns": finder("adCampaigns"), "creatives": finder("creatives")}


@pytest.fixture
def linkedin() -> Iterator[Mocked]:
    """Return a run."""
    with mocked() as run:
        yield run


def names(linkedin: Mocked, *expected: str) -> EntityNames:
    """Return names that one report will ask for."""
    found = EntityNames(linkedin.run, FINDERS)
    found.expect(expected)
    return found


def gives(linkedin: Mocked, account: int, *rows: t.Any, resource: str = "adCampaigns") -> None:  # noqa: ANN401
    """Let LinkedIn give these entities of an ad account."""
    linkedin.linkedin.get(
        f"{REST}/adAccounts/{account}/{resource}", json={"elements": rows, "metadata": {}}
    )


def refuses(linkedin: Mocked, account: int, status: int, message: str = "No.") -> None:
    """Let LinkedIn refuse an ad account's campaigns."""
    linkedin.linkedin.get(
        f"{REST}/adAccounts/{account}/adCampaigns",
        status_code=status,
        json={"status": status, "message": message},
    )


def ids(known: EntityNames, stream: str, account: int) -> tuple[int, ...]:
    """Return the entities of an ad account that are known."""
    return tuple(sorted(known.of_account(stream, account)))


# What is read anyway


@pytest.mark.parametrize(
    ("wire", "key", "entity"),
    [
        ({"id": 5, "name": "Five", "campaignGroup": GROUP}, 5, Entity("Five", GROUP)),
        ({"id": "urn:li:sponsoredCreative:6", "name": None}, 6, NOTHING),
        ({"id": 5, "name": 12}, 5, Entity("12", None)),
        (
            {"id": 5, "name": "x", "type": "DYNAMIC", "lastModifiedAt": 1_796_000_000_000},
            5,
            Entity("x", None, "DYNAMIC", "2026-11-30T00:53:20.000+00:00"),
        ),
        ({"id": 5, "type": 1, "lastModifiedAt": "soon"}, 5, Entity(None, None, "1")),
        ({"id": 5, "name": "x", "campaignGroup": 3}, 5, Entity("x", None)),
        ({"name": "x"}, 5, NOTHING),
    ],
)
def test_names_are_learned_from_entities(
    linkedin: Mocked, wire: dict[str, t.Any], key: int, entity: Entity
) -> None:
    """An entity that is being read for its own stream is not asked for again."""
    known = names(linkedin, "campaigns")
    known.learn("campaigns", 7, wire)
    assert known.get("campaigns", 7, key) == NOTHING
    assert not known.knows("campaigns", 7)
    known.completed("campaigns", 7)
    assert known.knows("campaigns", 7)
    assert not known.knows("creatives", 7)
    assert known.get("campaigns", 7, key) == entity
    known.look_up(["campaigns"], [7], REPORT)
    assert linkedin.asked == []


def test_names_that_no_report_wants_are_not_kept(linkedin: Mocked) -> None:
    """Neither while they are read nor behind."""
    known = names(linkedin, "campaigns")
    known.learn("creatives", 7, {"id": 5, "name": "Five"})
    known.completed("creatives", 7)
    assert known.get("creatives", 7, 5) == NOTHING
    gives(linkedin, 7, resource="creatives")
    known.look_up(["creatives"], [7], REPORT)
    assert len(linkedin.asked) == 1, "they were never complete"


def test_names_belong_to_a_stream_and_an_ad_account(linkedin: Mocked) -> None:
    """The same number elsewhere is something else, and no number is nothing."""
    known = names(linkedin, "campaigns", "creatives")
    for stream, account, name in (
        ("campaigns", 7, "a"),
        ("creatives", 7, "b"),
        ("campaigns", 8, "c"),
    ):
        known.learn(stream, account, {"id": 5, "name": name})
        known.completed(stream, account)
    assert known.get("campaigns", 7, 5).name == "a"
    assert known.get("creatives", 7, 5).name == "b"
    assert known.get("campaigns", 8, 5).name == "c"
    assert known.get("creatives", 8, 5) == NOTHING
    assert known.get("campaigns", 7, None) == NOTHING
    assert known.get("campaigns", 7, 6) == NOTHING


# What is looked up


def test_names_are_looked_up_once(linkedin: Mocked) -> None:
    """Each ad account's entities, by the report that wants them; known ones are left out."""
    gives(linkedin, 7, {"id": 6, "name": "Six", "campaignGroup": GROUP}, {"id": 5, "name": "Five"})
    gives(linkedin, 8)
    gives(linkedin, 7, {"id": "urn:li:sponsoredCreative:1", "name": "One"}, resource="creatives")
    gives(linkedin, 8, resource="creatives")
    known = names(linkedin, "campaigns", "creatives")
    known.look_up(["campaigns", "creatives"], [8, 7], REPORT)
    assert sorted(linkedin.asked) == [
        "/adAccounts/7/adCampaigns?pageSize=100",
        "/adAccounts/7/creatives?pageSize=100",
        "/adAccounts/8/adCampaigns?pageSize=100",
        "/adAccounts/8/creatives?pageSize=100",
    ]
    assert known.get("campaigns", 7, 6) == Entity("Six", GROUP)
    assert known.get("creatives", 7, 1) == Entity("One", None)
    assert ids(known, "campaigns", 7) == (5, 6)
    assert ids(known, "campaigns", 8) == ids(known, "campaigns", 9) == ()
    assert linkedin.run.client.requests_sent == {REPORT: 4}
    known.look_up(["campaigns", "creatives"], [7, 8], REPORT)
    assert len(linkedin.asked) == 4
    assert linkedin.noted == []


def test_names_come_on_several_pages(linkedin: Mocked) -> None:
    """They count when the last page is in."""
    linkedin.linkedin.get(
        f"{REST}/adAccounts/7/adCampaigns",
        [
            {"json": {"elements": [{"id": 5, "name": "a"}], "metadata": {"nextPageToken": "n"}}},
            {"json": {"elements": [{"id": 6, "name": "b"}], "metadata": {}}},
        ],
    )
    known = names(linkedin, "campaigns")
    known.look_up(["campaigns"], [7], REPORT)
    assert ids(known, "campaigns", 7) == (5, 6)


@pytest.mark.parametrize(
    ("row", "sent", "severity"),
    [
        ({"name": "x"}, "null", Severity.FAILED),
        ({"id": {"a": 1}}, '{"a": 1}', Severity.FAILED),
        ([1], "null", Severity.FAILED),
        ({"id": 5, "campaignGroup": 3}, "3", Severity.WARNING),
    ],
)
def test_an_odd_entity_is_told_once(
    linkedin: Mocked,
    row: object,
    sent: str,
    severity: Severity,
) -> None:
    """It costs its own name; without an id the report lacks something that LinkedIn has."""
    gives(linkedin, 7, row, row, {"id": 6, "name": "Six"})
    known = names(linkedin, "campaigns")
    known.look_up(["campaigns"], [7], REPORT)
    assert known.get("campaigns", 7, 6).name == "Six"
    why = f"names of campaigns are missing: LinkedIn sent {sent} for one"
    assert linkedin.noted == [(REPORT, 7, why, severity)]
    is_incomplete = severity is Severity.FAILED
    assert known.incomplete == ({("campaigns", 7): why} if is_incomplete else {})
    assert linkedin.logged == [f"{REPORT}, ad account 7: {why}"]


def test_an_ad_account_that_is_refused_costs_its_names(linkedin: Mocked) -> None:
    """The others' come; it is said of the report and the ad account, and not asked again."""
    refuses(linkedin, 7, 403)
    gives(linkedin, 8, {"id": 5, "name": "Five"})
    known = names(linkedin, "campaigns")
    known.look_up(["campaigns"], [7, 8], REPORT)
    assert known.get("campaigns", 8, 5).name == "Five"
    ((stream, account, why, severity),) = linkedin.noted
    assert (stream, account, severity) == (REPORT, 7, Severity.WARNING)
    assert why.startswith("names of campaigns are missing: ")
    assert known.incomplete == {("campaigns", 7): "No."}
    known.look_up(["campaigns"], [7, 8], REPORT)
    assert len(linkedin.asked) == 2


def test_a_quota_that_is_used_up_is_told_once(linkedin: Mocked) -> None:
    """It concerns every ad account, so none is named."""
    for account in (7, 8, 9):
        refuses(linkedin, account, 429, "Resource level throttle APPLICATION DAY limit reached")
    known = names(linkedin, "campaigns")
    known.look_up(["campaigns"], [7, 8, 9], REPORT)
    ((stream, account, _, severity),) = linkedin.noted
    assert (stream, account, severity) == (REPORT, None, Severity.QUOTA)


def test_an_answer_that_nobody_has_foreseen_costs_its_names(linkedin: Mocked) -> None:
    """It is told as a failure; the names of other ad accounts come."""
    gives(linkedin, 7, {"id": 5, "name": "Five"})
    gives(linkedin, 8, {"id": 6, "name": "Six"})
    known, learn = names(linkedin, "campaigns"), EntityNames.learn

    def stumble(stream: str, account: int, wire: responses.Wire) -> None:
        if account == 7:
            raise KeyError("id")
        learn(known, stream, account, wire)

    with mock.patch.object(known, "learn", stumble):
        known.look_up(["campaigns"], [7, 8], REPORT)
    assert (ids(known, "campaigns", 7), ids(known, "campaigns", 8)) == ((), (6,))
    ((stream, account, why, severity),) = linkedin.noted
    assert (stream, account, severity) == (REPORT, 7, Severity.FAILED)
    assert why.startswith("names of campaigns are missing: campaigns refuses this request")
    assert why.endswith("what LinkedIn sent cannot be read: 'id'")


def test_a_revoked_token_stops_the_run(linkedin: Mocked) -> None:
    """As anywhere."""
    refuses(linkedin, 7, 401)
    with pytest.raises(RequestFailedError):
        names(linkedin, "campaigns").look_up(["campaigns"], [7], REPORT)
    assert linkedin.noted == []


# What is forgotten


@pytest.mark.parametrize(("readers", "kept"), [(1, ()), (2, (5,))])
def test_names_of_an_ad_account_are_forgotten_by_their_only_reader(
    linkedin: Mocked, readers: int, kept: tuple[int, ...]
) -> None:
    """Other ad accounts' stay, and so do those that another report wants."""
    known = EntityNames(linkedin.run, FINDERS)
    for _ in range(readers):
        known.expect(["campaigns"])
    for account in (7, 8):
        known.learn("campaigns", account, {"id": 5, "name": "Five"})
        known.completed("campaigns", account)
    known.forget(["campaigns", "creatives"], [7, 9])
    assert ids(known, "campaigns", 7) == kept
    assert ids(known, "campaigns", 8) == (5,)


def test_names_are_released_by_the_last_report(linkedin: Mocked) -> None:
    """Those of one stream do not concern the other's."""
    known = names(linkedin, "campaigns", "creatives")
    known.expect(["campaigns"])
    for stream in ("campaigns", "creatives"):
        known.learn(stream, 7, {"id": 5, "name": "Five"})
        known.completed(stream, 7)
    known.release(["campaigns"])
    assert ids(known, "campaigns", 7) == (5,)
    known.release(["campaigns"])
    assert ids(known, "campaigns", 7) == ()
    assert ids(known, "creatives", 7) == (5,)
    known.release(["creatives"])
    assert ids(known, "creatives", 7) == ()
