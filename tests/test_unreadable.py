"""Answers that cannot be read, or names that are missing: one ad account or page, never silence."""

from __future__ import annotations

import contextlib
import gzip
import json
import typing as t

import pytest

from sandbox import Sandbox
from sandbox.world import worlds
from tap_linkedin_ads.cli.check.examine import Examination
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer, truth
from tests.examples import one_in
from tests.scripted import Scripted
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Entry
    from tests.singer import Json, Output

ACCOUNT, PAGE = 512340001, 9087651
SETTINGS = {"start_date": "2026-10-20", **singer.PERSONAL}


@contextlib.contextmanager
def changed(
    sandbox: Sandbox, where: Callable[[Entry], bool], change: Callable[[Json], None]
) -> Iterator[None]:
    """Change the bodies of some answers."""
    handle = sandbox._gateway.handle

    def odd(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer = handle(incoming)
        if where(incoming.entry):
            body = json.loads(answer.body)
            change(body)
            answer.body = json.dumps(body).encode()
        return answer

    sandbox._gateway.handle = odd  # type: ignore[method-assign]
    try:
        yield
    finally:
        del sandbox._gateway.handle


def read(
    sandbox: Sandbox,
    *streams: str,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read whole streams."""
    catalog = singer.catalog(dict.fromkeys(streams), **singer.PERSONAL)
    config = singer.config(sandbox, **{**SETTINGS, **settings})
    return singer.sync(config, catalog=catalog, state=state)


def about(resource: str, text: object) -> Callable[[Entry], bool]:
    """Return what finds the requests of a resource that name something."""
    return lambda e: e.resource == resource and str(text) in e.path + json.dumps(e.params)


def without(*keys: str) -> Callable[[Json], None]:
    """Return what takes keys away from the second object of an answer."""

    def change(body: Json) -> None:
        for key in keys:
            body["elements"][1].pop(key, None)

    return change


def second_is(value: t.Any) -> Callable[[Json], None]:  # noqa: ANN401
    """Return what puts something else in the place of the second object."""

    def change(body: Json) -> None:
        body["elements"][1] = value

    return change


CASES = [
    ("campaigns", about("adCampaigns", ACCOUNT), without("id"), ACCOUNT),
    ("creatives", about("creatives", ACCOUNT), second_is(None), ACCOUNT),
    ("creatives", about("creatives", ACCOUNT), second_is([]), ACCOUNT),
    ("insight_tag_domains", about("insightTagDomains", ACCOUNT), without("domainName"), ACCOUNT),
    ("conversions", about("conversions", ACCOUNT), without("id"), ACCOUNT),
    ("lead_form_responses", about("leadFormResponses", ACCOUNT), without("id"), ACCOUNT),
    ("lead_forms", about("leadForms", ACCOUNT), without("versionId"), ACCOUNT),
    ("posts", about("posts", PAGE), without("id"), PAGE),
    (
        "posts",
        about("organizationalEntityShareStatistics", PAGE),
        without("share", "ugcPost"),
        PAGE,
    ),
    (
        "organization_page_statistics",
        about("organizationPageStatistics", PAGE),
        without("timeRange"),
        PAGE,
    ),
]


@pytest.mark.refused("media_forbidden")
@pytest.mark.parametrize(
    ("stream", "where", "change", "owner"),
    CASES,
    ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)],
)
def test_an_object_without_its_key_is_left_out_alone(
    sandbox: Sandbox,
    stream: str,
    where: Callable[[Entry], bool],
    change: Callable[[Json], None],
    owner: int,
) -> None:
    """It is never taken for another one or dropped: its owner is named, the others are read."""
    with changed(sandbox, where, change):
        output = read(sandbox, stream)
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], singer.owner_of(incident)) == (stream, owner)
    assert "run the tap again" in incident["reason"]
    assert "Traceback" not in output.stderr
    (schema,) = (m for m in output.of_type("SCHEMA") if m["stream"] == stream)
    key = schema["key_properties"]
    assert all(record[column] is not None for record in output.records(stream) for column in key)
    partitions = output.state["bookmarks"].get(stream, {}).get("partitions", [])
    assert not [p for p in partitions if owner in p["context"].values() and len(p) > 2]
    again = read(sandbox, stream, state=output.state)
    assert again.status == 0
    whole = {tuple(r[c] for c in key) for r in read(sandbox, stream).records(stream)}
    both = (*output.records(stream), *again.records(stream))
    assert {tuple(r[c] for c in key) for r in both} == whole


def test_an_ad_account_without_id_is_not_dropped(sandbox: Sandbox) -> None:
    """Which ad account it was nobody knows: the run says so and is not complete."""
    with changed(sandbox, lambda e: e.resource == "adAccounts", without("id")):
        output = read(sandbox, "ad_accounts", "campaigns")
    assert output.status == 1
    assert all("without id" in i["reason"] for i in output.summary["incidents"])


@pytest.mark.slow
def test_a_row_of_no_ad_account_is_not_dropped(sandbox: Sandbox) -> None:
    """A report row whose ad account cannot be told is looked for, and its request given up."""

    def change(body: Json) -> None:
        for row in body["elements"]:
            if f"urn:li:sponsoredAccount:{ACCOUNT}" in row["pivotValues"]:
                row["pivotValues"][0] = "urn:li:sponsoredAccount:UNKNOWN"

    with changed(sandbox, about("adAnalytics", ACCOUNT), change):
        output = read(sandbox, "ad_analytics_by_account")
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == ACCOUNT
    assert "no ad account" in incident["reason"]
    assert {r["account_id"] for r in output.records("ad_analytics_by_account")} == {512340002}


def test_no_ad_account_at_all_is_told(sandbox: Sandbox) -> None:
    """A member who lost every role gets a warning: silence is not taken for emptiness."""
    for account in list(sandbox.world.roles):
        sandbox.world.revoke_access(account)
    output = read(sandbox, "campaigns", "ad_analytics_by_account")
    assert output.status == 0
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "warning"
    assert "no ad account" in incident["reason"]
    assert incident["reason"] in output.stderr


# Every stream of the catalog


DIRECTORIES = {"adAccounts", "organizationAcls", "organizations", "organizationsLookup"}
"""They say whom to read, or name many: a row of theirs is wrong in no request of an owner."""
NOT_ASKED = {"ad_accounts", "organizations", "report_coverage"}
"""Streams without a request for an owner; report_coverage asks about those that were read."""
SHORT: Json = {"start_date": "2026-11-14"}
NO_ROLE = {"status": 403, "code": "NO_PERMISSION", "message": "Viewer lacks permission"}


def replaced(value: t.Any) -> Callable[[t.Any], None]:  # noqa: ANN401
    """Return what puts something else in the place of an answer's second row, or its only one."""

    def change(answer: t.Any) -> None:  # noqa: ANN401
        body = json.loads(answer.body)
        if rows := body.get("elements"):
            rows[min(1, len(rows) - 1)] = value
        elif "elements" not in body:
            body = value
        answer.body = json.dumps(body).encode()

    return change


def body_is(body: bytes) -> Callable[[t.Any], None]:
    """Return what puts another body in the place of an answer's."""

    def change(answer: t.Any) -> None:  # noqa: ANN401
        answer.body = body

    return change


def status_is(status: int, body: Json) -> Callable[[t.Any], None]:
    """Return what makes an answer a failure."""

    def change(answer: t.Any) -> None:  # noqa: ANN401
        answer.status, answer.body = status, json.dumps(body).encode()

    return change


FIRST, SECOND = {512340001, 9087651}, {512340002, 9087652}
BAD_OWNERS = {
    "no JSON": (body_is(b"<html>"), SECOND),
    "no rows": (body_is(b'{"paging": {}}'), SECOND),
    "rows are no list": (body_is(b'{"elements": {"0": {}}}'), FIRST),
    "a row is a number": (replaced(7), FIRST),
    "a row is null": (replaced(None), FIRST),
    "a row is empty": (replaced({}), FIRST),
    "refused": (status_is(403, NO_ROLE), SECOND),
    "no answer": (status_is(500, {"status": 500}), FIRST),
}


def whole_catalog() -> list[str]:
    """Return the names of all streams that the tap can offer."""
    return list(singer.every_stream(**singer.PERSONAL))


def owner_of(record: Json) -> int | None:
    """Return the ad account or page that a record or an incident belongs to."""
    return record.get("account_id") or record.get("organization_id")


def without_read_at(record: Json) -> Json:
    """Return a record without the instant of reading."""
    return {name: value for name, value in record.items() if name != "read_at"}


@pytest.fixture(scope="module")
def whole() -> Output:
    """What a run of every stream gives where nothing is wrong."""
    with Sandbox(worlds.small(today=TODAY)) as sandbox:
        output = read(sandbox, *whole_catalog(), **SHORT)
    assert output.status == 0
    return output


@pytest.mark.slow
@pytest.mark.refused("media_forbidden")
@pytest.mark.parametrize("name", one_in(3, BAD_OWNERS))
def test_one_bad_owner_costs_one_owner(sandbox: Sandbox, whole: Output, name: str) -> None:
    """In every stream of the catalog: it is named, its bookmark stays, all others are complete."""
    change, bad = BAD_OWNERS[name]
    handle, streams = sandbox._gateway.handle, whole_catalog()

    def odd(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer, entry = handle(incoming), incoming.entry
        text = entry.path + json.dumps(entry.params)
        if entry.resource not in DIRECTORIES and any(str(owner) in text for owner in bad):
            change(answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox._gateway, "handle", odd)
        output = read(sandbox, *streams, **SHORT)
    assert output.status == 1
    assert "Traceback" not in output.stderr
    named, usual = (
        {(i["stream"], owner_of(i)) for i in summary["incidents"]}
        for summary in (output.summary, whole.summary)
    )
    partitions = {
        stream: state.get("partitions", []) for stream, state in output.state["bookmarks"].items()
    }
    parents = parents_of(streams)
    for stream in streams:
        right = [without_read_at(record) for record in whole.records(stream)]
        found = [without_read_at(record) for record in output.records(stream)]
        others = [record for record in right if owner_of(record) not in bad]
        assert [r for r in found if owner_of(r) not in bad] == others, stream
        if stream in {"ad_accounts", "organizations"}:
            assert found == right
        if stream in NOT_ASKED:
            continue
        for owner in {owner_of(record) for record in right} & bad:
            assert (parents.get(stream, stream), owner) in named, (stream, owner, named)
            assert not [
                partition
                for partition in partitions.get(stream, [])
                if owner in partition["context"].values() and "replication_key_value" in partition
            ], (stream, owner)
    assert {owner for _, owner in named - usual} <= bad
    again = read(sandbox, *streams, state=output.state, **SHORT)
    assert again.status == 0
    for stream in streams:
        (schema,) = (m for m in again.of_type("SCHEMA") if m["stream"] == stream)
        both = singer.by_key(again.records(stream), *schema["key_properties"])
        both |= {tuple(r[c] for c in schema["key_properties"]): r for r in output.records(stream)}
        right = singer.by_key(whole.records(stream), *schema["key_properties"])
        assert both.keys() == right.keys(), stream


def parents_of(streams: list[str]) -> dict[str, str]:
    """Return the parent stream of each child stream."""
    tap = TapLinkedInAds(config={"access_token": "unused", **singer.PERSONAL})
    return {
        child.name: parent.name
        for parent in tap.streams.values()
        for child in parent.child_streams
        if child.name in streams
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_OWNERS)
def test_own_figures_of_one_account_that_cannot_be_read_cost_that_account(
    sandbox: Sandbox, name: str
) -> None:
    """Its receipts come without LinkedIn's own figures, those of the others are as they are."""
    change, bad = BAD_OWNERS[name]
    handle = sandbox._gateway.handle
    right = read(sandbox, "ad_performance", "report_coverage").records("report_coverage")

    def odd(incoming: t.Any) -> t.Any:  # noqa: ANN401
        answer, params = handle(incoming), incoming.entry.params
        text = json.dumps(params)
        if params.get("pivots") == ["ACCOUNT"] and any(str(owner) in text for owner in bad):
            change(answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox._gateway, "handle", odd)
        output = read(sandbox, "ad_performance", "report_coverage")
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["account_id"]) == ("report_coverage", max(bad))
    for record, whole in zip(output.records("report_coverage"), right, strict=True):
        if record["account_id"] in bad:
            assert (record["matches"], record["account_impressions"]) == (None, None)
        else:
            assert without_read_at(record) == without_read_at(whole)


@pytest.mark.parametrize(
    ("resource", "stream", "lost"),
    [("adAccounts", "ad_accounts", 1), ("organizationAcls", "organizations", 0)],
)
@pytest.mark.parametrize("value", [7, None, {}])
def test_an_owner_that_cannot_be_read_costs_itself(
    sandbox: Sandbox, resource: str, stream: str, lost: int, value: object
) -> None:
    """Which one it was nobody knows: the run says so, and reads the others.

    Roles on pages are listed twice, so a page that one list garbles is in the other.
    """

    def change(body: Json) -> None:
        body["elements"][0] = value

    with changed(sandbox, lambda e: e.resource == resource, change):
        output = read(sandbox, stream)
    assert output.status == 1
    assert [incident["account_id"] for incident in output.summary["incidents"]] == [None]
    every = read(sandbox, stream).records(stream)
    assert len(output.records(stream)) == len(every) - lost


# Names


@pytest.mark.parametrize(
    ("fault", "status", "severity"),
    [
        (("status", {"status": 500}), 1, "failed"),
        (("throttle", {"unit": "DAY"}), 3, "quota"),
        (("status", {"status": 403, "body": {"status": 403, "code": "X"}}), 0, "warning"),
    ],
    ids=["500", "quota", "403"],
)
def test_names_that_could_not_be_read_are_told(
    sandbox: Sandbox, fault: tuple[str, Json], status: int, severity: str
) -> None:
    """The figures are all there. Only what nobody may read counts as complete without names."""
    sandbox.faults.add(fault[0], path="/rest/adAccounts/", times=None, **fault[1])
    columns = ("impressions", "campaign_name")
    catalog = singer.catalog({"ad_performance": columns})
    output = singer.sync(singer.config(sandbox, start_date="2026-11-01"), catalog=catalog)
    assert output.status == status
    incidents = output.summary["incidents"]
    assert {i["status"] for i in incidents} == {severity}
    assert all("names of campaigns are missing" in i["reason"] for i in incidents)
    assert {record["campaign_name"] for record in output.records("ad_performance")} == {None}
    found = singer.by_key(output.records("ad_performance"), *truth.KEY)
    start = TODAY.replace(day=1)
    expected = truth.ad_performance(sandbox.world, start, columns=["impressions"])
    truth.assert_equal(found, expected)


# Bodies that break


@pytest.mark.parametrize(
    ("headers", "cut"),
    [
        ({"Content-Encoding": "gzip"}, lambda body: body[:-20]),
        ({"Content-Encoding": "gzip"}, lambda _: b"not gzip at all " * 4),
        ({}, lambda body: body.replace(b"{", b"[", 1)),
    ],
    ids=["cut gzip", "no gzip", "no object"],
)
def test_a_broken_body_is_asked_for_again(
    headers: dict[str, str], cut: Callable[[bytes], bytes]
) -> None:
    """Whatever broke it: nothing of it is taken in."""
    body = json.dumps({"elements": [{"id": 1, "name": "x" * 500}]}).encode()
    sent = []

    def answer(path: str) -> tuple[int, bytes, dict[str, str]]:
        sent.append(path)
        packed = gzip.compress(body) if headers else body
        return 200, cut(packed) if len(sent) == 1 else packed, headers

    with Scripted(answer) as server:
        config = {"access_token": "made-up", "api_url": server.url}
        output = singer.sync(config, catalog=singer.catalog({"ad_accounts": None}))
    assert output.status == 0
    assert [record["id"] for record in output.records("ad_accounts")] == [1]
    assert len(sent) == 2


def test_the_small_world_has_what_the_cases_need() -> None:
    """Two ad accounts with rows, two pages: otherwise nothing is left to be read."""
    world = worlds.small(today=TODAY)
    assert {ACCOUNT, 512340002} <= set(world.roles)
    assert len(world.pages.truth.pages()) == 2


# Values


@pytest.mark.parametrize("choice", ["warn", "fail"])
def test_the_setting_makes_an_unreadable_value_a_failure(sandbox: Sandbox, choice: str) -> None:
    """The value is null and named either way; ``on_unreadable_value`` decides the exit status."""

    def change(body: Json) -> None:
        body["elements"][1]["changeAuditStamps"]["created"]["time"] = 10**17

    catalog = singer.catalog({"campaigns": None})
    settings = singer.config(sandbox, **SETTINGS, on_unreadable_value=choice)
    with changed(sandbox, about("adCampaigns", ACCOUNT), change):
        output = singer.sync(settings, catalog=catalog)
    assert output.status == (choice == "fail")
    (found,) = output.summary["unreadable_values"]
    assert (found["stream"], found["account_id"]) == ("campaigns", ACCOUNT)
    assert (found["column"], found["value"], found["count"]) == ("created_time", str(10**17), 1)
    (record,) = (r for r in output.records("campaigns") if str(r["id"]) == found["key"]["id"])
    assert record["created_time"] is None
    assert record["name"]
    assert output.bookmarks("campaigns")[ACCOUNT]


ACCOUNTS = {"elements": [{"id": 1, "name": "A", "currency": "EUR", "status": "ACTIVE"}]}


def scripted(bodies: dict[str, bytes], *streams: str) -> Output:
    """Read streams from a server that knows some paths; all others have no rows."""

    def answer(path: str) -> tuple[int, bytes, dict[str, str]]:
        found = (body for part, body in bodies.items() if part in path)
        return 200, next(found, b'{"elements":[]}'), {}

    known = {"/adAccounts?": json.dumps(ACCOUNTS).encode()}
    bodies = {**bodies, **known}
    with Scripted(answer) as server:
        config = {"access_token": "made-up", "api_url": server.url, "end_date": "2026-11-20"}
        config |= {"start_date": "2026-11-01", "organization_ids": [2]}
        return singer.sync(config, catalog=singer.catalog(dict.fromkeys(streams)))


@pytest.mark.parametrize(
    ("stream", "resource"),
    [
        ("campaigns", "adCampaigns?"),
        ("campaign_groups", "adCampaignGroups?"),
        ("conversions", "conversions?"),
    ],
)
def test_a_name_that_begins_like_a_urn_arrives(stream: str, resource: str) -> None:
    """A campaign may be called so; nothing is looked for in it."""
    names = ["urn: Q3 awareness", "urn:li:campaign naming v2", "plain"]
    rows = [{"id": n, "name": name} for n, name in enumerate(names, 1)]
    output = scripted({resource: json.dumps({"elements": rows}).encode()}, stream)
    assert [record["name"] for record in output.records(stream)] == names
    assert output.status == 0


def test_half_a_character_costs_one_character() -> None:
    """No retry, no lost account: U+FFFD stands in its place, and the summary counts it."""
    body = rb'{"elements":[{"id":1,"name":"plain"},{"id":2,"name":"cut \ud83d, nul \u0000"}]}'
    output = scripted({"adCampaigns?": body}, "campaigns")
    assert [r["name"] for r in output.records("campaigns")] == ["plain", "cut \ufffd, nul \ufffd"]
    assert output.status == 0
    assert output.summary["characters_replaced"] == {"campaigns": 2}
    assert "trying again" not in output.stderr


def report_row(creative: object, **figures: object) -> Json:
    """Return a row of ad_performance."""
    day = {"year": 2026, "month": 11, "day": 3}
    urns = ["urn:li:sponsoredAccount:1", "urn:li:sponsoredCampaign:7", creative]
    return {"pivotValues": urns, "dateRange": {"start": day, "end": day}, **figures}


def test_a_mean_with_a_fraction_is_a_number() -> None:
    """LinkedIn documents averageDwellTime as an integer and sends 2.4."""
    rows = [report_row("urn:li:sponsoredCreative:1", averageDwellTime=2.4, impressions=10)]
    body = json.dumps({"elements": rows}).encode()
    output = scripted({"adAnalytics?": body}, "ad_performance")
    (record,) = output.records("ad_performance")
    assert str(record["average_dwell_time"]) == "2.4"
    assert output.status == 0


def test_a_row_about_nothing_is_left_out_alone() -> None:
    """A null among the pivot values names no creative: no key is made up, and the row is named."""
    rows = [report_row("urn:li:sponsoredCreative:1", impressions=10), report_row(None, clicks=3)]
    body = json.dumps({"elements": rows}).encode()
    output = scripted({"adAnalytics?": body}, "ad_performance")
    assert {record["creative_id"] for record in output.records("ad_performance")} == {1}
    assert output.status == 1
    assert output.bookmarks("ad_performance") == {}
    assert {incident["account_id"] for incident in output.summary["incidents"]} == {1}


@pytest.mark.slow
@pytest.mark.refused("version_inactive")
@pytest.mark.parametrize("resource", ["adAccountUsers", "organizationAcls"])
def test_check_passes_over_a_role_that_cannot_be_read(sandbox: Sandbox, resource: str) -> None:
    """It reports the other roles, instead of ending in a traceback."""

    def change(body: Json) -> None:
        body["elements"].insert(0, 7)

    with (
        changed(sandbox, lambda e: e.resource == resource, change),
        singer._signals_kept(),
    ):
        tap = TapLinkedInAds(config=singer.config(sandbox), clock=singer.QuickClock())
        checkup = Examination(tap, "1.0.0").result()
    assert all(account.roles for account in checkup.accounts)
    assert any(page.roles for page in checkup.pages)
