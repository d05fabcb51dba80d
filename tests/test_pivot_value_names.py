"""Names of pivot values, asked for in batches and once a run."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

import pytest

from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.sync.pivot_value_names import ValueNames
from tap_linkedin_ads.sync.run_report import Severity
from tests.linkedin_mock import REST, Mocked, mocked

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

STREAM = "ad_analytics_by_member_industry"
TITLES = [f"urn:li:title:{n}" for n in range(1, 121)]
COMPANY = "urn:li:organization:5"
REFUSED = {"status_code": 403, "json": {"status": 403, "message": "No."}}


@pytest.fixture
def linkedin() -> Iterator[Mocked]:
    """Return a run."""
    with mocked() as run:
        yield run


def entities(linkedin: Mocked, **odd: t.Any) -> None:  # noqa: ANN401
    """Let LinkedIn name every URN it is asked for; ``odd`` are further rows."""

    def answer(request: requests.Request, _: object) -> dict[str, t.Any]:
        urns = parse_qs(urlsplit(str(request.url)).query)["urns"][0]
        rows = [
            {"urn": u, "name": f"name of {u}"} for u in urns.removeprefix("List(")[:-1].split(",")
        ]
        named = [{**row, "urn": row["urn"].replace("%3A", ":")} for row in rows]
        return {"elements": [*odd.get("rows", ()), *named]}

    linkedin.linkedin.get(f"{REST}/adTargetingEntities", json=answer)


def companies(linkedin: Mocked, **names: t.Any) -> None:  # noqa: ANN401
    """Let LinkedIn name companies by their numbers."""
    linkedin.linkedin.get(
        f"{REST}/organizationsLookup",
        json={
            "results": {
                key[1:]: {"id": int(key[1:]), "localizedName": n} for key, n in names.items()
            }
        },
    )


def test_values_are_named_in_english(linkedin: Mocked) -> None:
    """By the finder of targeting entities, on behalf of the stream that shows them."""
    linkedin.linkedin.get(
        f"{REST}/adTargetingEntities",
        json={"elements": [{"urn": TITLES[0], "name": "Engineer"}, {"urn": TITLES[1]}]},
    )
    names = ValueNames(linkedin.run)
    names.look_up(TITLES[:2], STREAM)
    assert names.get(TITLES[0]) == "Engineer"
    assert names.get(TITLES[1]) is None
    (asked,) = linkedin.asked
    query = parse_qs(urlsplit(asked).query)
    assert urlsplit(asked).path == "/adTargetingEntities"
    assert query["q"] == ["urns"]
    assert query["queryVersion"] == ["QUERY_USES_URNS"]
    assert query["locale"] == ["(language:en,country:US)"]
    assert query["urns"] == ["List(urn:li:title:1,urn:li:title:2)"]
    assert linkedin.run.client.requests_sent == {STREAM: 1}
    assert linkedin.noted == []


def test_each_value_is_asked_for_once(linkedin: Mocked) -> None:
    """Fifty a request; what LinkedIn cannot name is not asked for again."""
    entities(linkedin)
    names = ValueNames(linkedin.run)
    names.look_up([*TITLES, *TITLES[:9]], STREAM)
    assert len(linkedin.asked) == 3
    assert [asked.count("title") for asked in sorted(linkedin.asked, key=len)] == [20, 50, 50]
    assert all(names.get(value) == f"name of {value}" for value in TITLES)
    names.look_up(reversed(TITLES), STREAM)
    names.look_up([], STREAM)
    assert len(linkedin.asked) == 3


def test_companies_are_looked_up_by_number(linkedin: Mocked) -> None:
    """One that the look-up does not name is asked for as a targeting entity."""
    companies(linkedin, _5="Five")
    entities(linkedin)
    names = ValueNames(linkedin.run)
    names.look_up([COMPANY, "urn:li:organization:6", TITLES[0]], STREAM)
    assert names.get(COMPANY) == "Five"
    assert names.get("urn:li:organization:6") == "name of urn:li:organization:6"
    assert names.get(TITLES[0]) == f"name of {TITLES[0]}"
    looked_up, named = linkedin.asked
    assert looked_up == "/organizationsLookup?ids=List(5,6)"
    assert "organization%3A5" not in named
    assert linkedin.linkedin.request_history[0].headers["X-RestLi-Method"] == "BATCH_GET"
    assert linkedin.run.client.requests_sent == {STREAM: 2}


def test_an_app_without_the_look_up_names_companies_all_the_same(linkedin: Mocked) -> None:
    """It is not asked again, and nothing is missing."""
    linkedin.linkedin.get(f"{REST}/organizationsLookup", **REFUSED)
    entities(linkedin)
    names = ValueNames(linkedin.run)
    for company in (COMPANY, "urn:li:organization:6"):
        names.look_up([company], STREAM)
        assert names.get(company) == f"name of {company}"
    assert [asked.split("?")[0] for asked in linkedin.asked] == [
        "/organizationsLookup",
        "/adTargetingEntities",
        "/adTargetingEntities",
    ]
    assert linkedin.noted == []


@pytest.mark.parametrize(
    ("words", "what"),
    [({}, "names of pivot values"), ({"what": "names of traits"}, "names of traits")],
)
def test_a_refusal_is_told_once_a_stream(
    linkedin: Mocked, words: dict[str, str], what: str
) -> None:
    """Rows come without names."""
    linkedin.linkedin.get(f"{REST}/adTargetingEntities", **REFUSED)
    names = ValueNames(linkedin.run)
    for stream, value in ((STREAM, TITLES[0]), (STREAM, TITLES[1]), ("other", TITLES[2])):
        names.look_up([value], stream, **words)
        assert names.get(value) is None
    told = [(stream, owner, severity) for stream, owner, _, severity in linkedin.noted]
    assert told == [(STREAM, None, Severity.WARNING), ("other", None, Severity.WARNING)]
    assert all(why.startswith(f"{what} are missing: ") for _, _, why, _ in linkedin.noted)


def test_a_revoked_token_stops_the_run(linkedin: Mocked) -> None:
    """As anywhere."""
    linkedin.linkedin.get(f"{REST}/adTargetingEntities", status_code=401, json={"status": 401})
    with pytest.raises(RequestFailedError):
        ValueNames(linkedin.run).look_up(TITLES[:1], STREAM)


@pytest.mark.parametrize(
    ("row", "sent"), [({"name": "x"}, "null"), ({"urn": [1], "name": "x"}, "[1]"), ([], "null")]
)
def test_what_names_nothing_is_told(linkedin: Mocked, row: object, sent: str) -> None:
    """It costs the names of its values only."""
    entities(linkedin, rows=[row, row])
    names = ValueNames(linkedin.run)
    names.look_up(TITLES[:1], STREAM)
    assert names.get(TITLES[0]) == f"name of {TITLES[0]}"
    why = f"names of pivot values are missing: LinkedIn named {sent}"
    assert linkedin.noted == [(STREAM, None, why, Severity.WARNING)]
    assert linkedin.logged == [f"{STREAM}: {why}"]
    entities(linkedin)
    names.look_up(TITLES[1:2], STREAM)
    assert len(linkedin.noted) == 1


@pytest.mark.parametrize(("asked", "is_told"), [(TITLES[:2], True), (TITLES[:1], False)])
def test_a_name_of_something_else_is_told(
    linkedin: Mocked, asked: list[str], *, is_told: bool
) -> None:
    """Where a name is missing it may be that one's; otherwise it does no harm."""
    rows = [{"urn": TITLES[0], "name": "x"}, {"urn": 10**1200, "name": "y"}]
    linkedin.linkedin.get(f"{REST}/adTargetingEntities", json={"elements": rows})
    names = ValueNames(linkedin.run)
    names.look_up(asked, STREAM)
    assert [names.get(value) for value in asked] == ["x", None][: len(asked)]
    assert any("LinkedIn named 1000" in why for _, _, why, _ in linkedin.noted) == is_told


def test_a_request_that_is_refused_is_named(linkedin: Mocked) -> None:
    """By its resource."""
    body = {"status": 500, "message": "No."}
    linkedin.linkedin.get(f"{REST}/adTargetingEntities", status_code=500, json=body)
    ValueNames(linkedin.run).look_up(TITLES[:1], STREAM)
    assert "missing: adTargetingEntities gave no proper answer" in linkedin.noted[0][2]
