"""Lead forms, and what members answered: personal data, offered only on demand."""

from __future__ import annotations

import json
import typing as t

import pytest

from sandbox.world.ads import build
from sandbox.world.ads import truth as assets
from tap_linkedin_ads.cli.check.checkup import Need, judge
from tests import singer
from tests.singer import by_key
from tests.test_any_value import answered
from tests.test_sync_conversions import instant

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox import Sandbox, World
    from tests.singer import Json, Output

FORMS, RESPONSES, ANSWERS = "lead_forms", "lead_form_responses", "lead_form_response_answers"
DAY_MS = 86_400_000


def sync(
    sandbox: Sandbox,
    *streams: str,
    state: Json | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read whole streams, with leads' answers in the catalog."""
    chosen = {"include_lead_responses": True}
    config = singer.config(sandbox, **{"start_date": "2025-01-01", **chosen, **settings})
    catalog = singer.catalog(dict.fromkeys(streams), **chosen)
    return singer.sync(config, catalog=catalog, state=state)


def owners(world: World) -> Iterator[tuple[str, Json]]:
    """Give every ad account, and every page but showcase pages, with the columns that say so."""
    for account in world.roles:
        urn = f"urn:li:sponsoredAccount:{account}"
        page = {"organization_id": None, "organization_urn": None}
        yield urn, {"account_id": account, "account_urn": urn, **page}
    for number in world.pages.organizations:
        urn = f"urn:li:organization:{number}"
        page_wire = world.pages.known(number) or {}
        is_showcase = page_wire.get("primaryOrganizationType") == "BRAND"
        if world.pages.administers(number) and not is_showcase:
            page = {"organization_id": number, "organization_urn": urn}
            yield urn, {"account_id": None, "account_urn": None, **page}


def leads(world: World) -> Iterator[tuple[Json, Json]]:
    """Give every real lead that LinkedIn keeps, with its owner's columns."""
    for urn, owner in owners(world):
        for wire in assets.leads(world, urn):
            yield wire, owner


def form_of(wire: Json) -> tuple[int, int]:
    """Return the number of a lead's form, and its version."""
    form, version = wire["versionedLeadGenFormUrn"].rstrip(")").rsplit(":", 1)[1].split(",")
    return int(form), int(version)


def bookmarks(output: Output) -> dict[tuple[str, int], str]:
    """Return the bookmarks of the responses by kind of owner and number."""
    found = {}
    for entry in output.state["bookmarks"][RESPONSES]["partitions"]:
        ((kind, number),) = entry["context"].items()
        assert (kind, number) not in found
        found[kind, number] = entry["replication_key_value"]
    return found


def test_answers_are_offered_on_demand_only() -> None:
    """Without include_lead_responses the catalog has no personal data."""
    names = singer.every_stream().keys()
    assert FORMS in names
    assert not {RESPONSES, ANSWERS} & names
    more = singer.every_stream(include_lead_responses=True).keys()
    assert more - names == {RESPONSES, ANSWERS}


def test_forms(sandbox: Sandbox, world: World) -> None:
    """Every form of every account and page, with every column."""
    output = sync(sandbox, FORMS)
    assert output.status == 0
    found = by_key(output.records(FORMS), "id", "version_id")
    assert found == {
        (wire["id"], wire["versionId"]): {
            "id": wire["id"],
            "version_id": wire["versionId"],
            **owner,
            "name": wire["name"],
            "state": wire["state"],
            "version_tag": wire.get("versionTag"),
            "creation_locale_country": wire["creationLocale"]["country"],
            "creation_locale_language": wire["creationLocale"]["language"],
            "content": wire["content"],
            "hidden_fields": wire["hiddenFields"],
            "review_status": wire["reviewInfo"]["reviewStatus"],
            "review_rejection_reasons": wire["reviewInfo"]["rejectionReasons"],
            "review_last_updated": instant(wire["reviewInfo"]["lastUpdated"]),
            "created_time": instant(wire["created"]),
            "last_modified_time": instant(wire["lastModified"]),
        }
        for urn, owner in owners(world)
        for wire in assets.lead_forms(world, urn)
    }
    assert {record["organization_id"] is None for record in found.values()} == {True, False}
    assert sync(sandbox, FORMS, state=output.state).records(FORMS) == output.records(FORMS)


def test_responses(sandbox: Sandbox, world: World) -> None:
    """Every lead of the last 365 days, of accounts and pages, with every column."""
    output = sync(sandbox, RESPONSES)
    assert output.status == 0
    expected = {}
    for wire, owner in leads(world):
        form, version = form_of(wire)
        campaign = wire.get("leadMetadata", {}).get("sponsoredLeadMetadata", {}).get("campaign")
        creative = wire.get("associatedEntity", {}).get("associatedCreative")
        expected[wire["id"],] = {
            "id": wire["id"],
            **owner,
            "lead_type": wire["leadType"],
            "submitted_at": instant(wire["submittedAt"]),
            "submitter_urn": wire["submitter"],
            "test_lead": wire["testLead"],
            "versioned_lead_gen_form_urn": wire["versionedLeadGenFormUrn"],
            "lead_form_id": form,
            "lead_form_version_id": version,
            "campaign_id": campaign and int(campaign.rpartition(":")[2]),
            "campaign_urn": campaign,
            "creative_id": creative and int(creative.rpartition(":")[2]),
            "creative_urn": creative,
            "lead_metadata": wire.get("leadMetadata"),
            "associated_entity": wire.get("associatedEntity"),
            "form_response": wire["formResponse"],
        }
    assert by_key(output.records(RESPONSES), "id") == expected
    kinds = {record["lead_type"] for record in output.records(RESPONSES)}
    assert kinds == {"SPONSORED", "COMPANY", "EVENT", "ORGANIZATION_PRODUCT"}


@pytest.mark.parametrize("parent", [True, False])
def test_answers(sandbox: Sandbox, world: World, *, parent: bool) -> None:
    """One row for each answer, in its lead's order, whether leads are selected or not."""
    output = sync(sandbox, ANSWERS, *([RESPONSES] if parent else []))
    expected = {}
    for wire, owner in leads(world):
        form, version = form_of(wire)
        for position, answer in enumerate(wire["formResponse"]["answers"], start=1):
            details = answer["answerDetails"]
            expected[wire["id"], position] = {
                "response_id": wire["id"],
                "position": position,
                **owner,
                "lead_form_id": form,
                "lead_form_version_id": version,
                "submitted_at": instant(wire["submittedAt"]),
                "question_id": answer["questionId"],
                "name": answer.get("name"),
                "answer": details.get("textQuestionAnswer", {}).get("answer"),
                "option_ids": details.get("multipleChoiceAnswer", {}).get("options"),
                "answer_details": details,
            }
    assert by_key(output.records(ANSWERS), "response_id", "position") == expected
    assert bool(output.records(RESPONSES)) is parent
    assert bookmarks(output)


def test_one_time_range_for_the_whole_run(sandbox: Sandbox, world: World) -> None:
    """Each request has the API's own time filter, and its end is the run's beginning."""
    output = sync(sandbox, RESPONSES)
    asked = [e.params for e in sandbox.log if e.resource == "leadFormResponses"]
    ranges = {tuple(params["submittedAtTimeRange"].values()) for params in asked}
    noon = world.now
    assert ranges == {(str(noon - 365 * DAY_MS), str(noon))}
    assert len(asked) >= len(world.roles)
    assert set(bookmarks(output).values()) == {instant(noon)}
    urns = [(k, n) for k, n in bookmarks(output)]
    assert {kind for kind, _ in urns} == {"account_id", "organization_id"}


def test_the_next_run(sandbox: Sandbox, world: World) -> None:
    """It asks from the bookmark less the look-back on: what came late is there, too."""
    first = sync(sandbox, RESPONSES, ANSWERS)
    form = assets.lead_forms(world, f"urn:li:sponsoredAccount:{min(world.roles)}")[0]["id"]
    late = build.add_lead(world, form, world.now - 3 * DAY_MS, testLead=False)
    build.add_lead(world, form, world.now - 9 * DAY_MS, testLead=False)
    sandbox.reset_log()
    second = sync(sandbox, RESPONSES, ANSWERS, state=first.state, lookback_window=5)
    since = world.now - 5 * DAY_MS
    recent = {wire["id"] for wire, _ in leads(world) if wire["submittedAt"] >= since}
    assert late in recent
    assert {record["id"] for record in second.records(RESPONSES)} == recent
    assert {record["response_id"] for record in second.records(ANSWERS)} == recent
    asked = [e.params for e in sandbox.log if e.resource == "leadFormResponses"]
    assert {params["submittedAtTimeRange"]["start"] for params in asked} == {str(since)}
    assert bookmarks(second) == bookmarks(first)


def test_end_date_ends_the_range(sandbox: Sandbox, world: World) -> None:
    """Leads behind end_date are left for later, and the bookmark does not pass it."""
    output = sync(sandbox, RESPONSES, end_date="2026-11-10")
    assert set(bookmarks(output).values()) == {"2026-11-11T00:00:00.000+00:00"}
    assert max(r["submitted_at"] for r in output.records(RESPONSES)) < "2026-11-11"
    later = sync(sandbox, RESPONSES, state=output.state, lookback_window=0)
    both = [*output.records(RESPONSES), *later.records(RESPONSES)]
    assert by_key(both, "id").keys() == {(wire["id"],) for wire, _ in leads(world)}


def test_an_end_date_before_what_was_read_asks_for_nothing(sandbox: Sandbox) -> None:
    """LinkedIn refuses a range that ends before it starts; the bookmark stays."""
    first = sync(sandbox, RESPONSES)
    sandbox.reset_log()
    again = sync(sandbox, RESPONSES, state=first.state, end_date="2026-09-01")
    assert again.status == 0
    assert not [e for e in sandbox.log if e.resource == "leadFormResponses"]
    assert bookmarks(again) == bookmarks(first)


def test_a_later_start_date_leaves_no_lead_out(sandbox: Sandbox, world: World) -> None:
    """start_date set behind the bookmark counts for nothing: what lies between is read."""
    first = sync(sandbox, RESPONSES, end_date="2026-09-01")
    second = sync(sandbox, RESPONSES, state=first.state, start_date="2026-11-01", lookback_window=0)
    both = {r["id"] for output in (first, second) for r in output.records(RESPONSES)}
    assert both == {wire["id"] for wire, _ in leads(world)}


def test_an_account_that_fails_keeps_its_bookmark(sandbox: Sandbox, world: World) -> None:
    """The others are read, and the next run reads what is missing."""
    bad = min(world.roles)
    sandbox.faults.add("status", path="/rest/leadFormResponses", status=404)
    output = sync(sandbox, RESPONSES, max_workers=1)
    assert output.status == 1
    assert ("account_id", bad) not in bookmarks(output)
    again = sync(sandbox, RESPONSES, state=output.state)
    both = {r["id"] for r in (*output.records(RESPONSES), *again.records(RESPONSES))}
    assert both == {wire["id"] for wire, _ in leads(world)}


@pytest.mark.refused("scope_missing")
def test_leads_need_a_scope_of_their_own(sandbox: Sandbox) -> None:
    """Without it, a message names it; forms of accounts are read with the scope of ads."""
    token = sandbox.oauth.issue(("r_ads",))
    output = sync(sandbox, FORMS, RESPONSES, access_token=token)
    assert output.status == 1
    assert {r["organization_id"] for r in output.records(FORMS)} == {None}
    noted = {(i["stream"], i["status"]): i["reason"] for i in output.summary["incidents"]}
    assert noted.keys() == {(FORMS, "warning"), (RESPONSES, "warning"), (RESPONSES, "failed")}
    assert "r_marketing_leadgen_automation" in noted[RESPONSES, "failed"]
    assert "forms of pages are left out" in noted[FORMS, "warning"]


@pytest.mark.refused("param_invalid", "not_found")
@pytest.mark.parametrize("status", [400, 403, 404])
def test_refused_list_of_pages_costs_forms_and_leads_of_pages_only(
    sandbox: Sandbox, status: int
) -> None:
    """Those of ad accounts are read, bookmarks of pages stay, and each stream names what lacks."""
    streams = (FORMS, RESPONSES, ANSWERS)
    whole = sync(sandbox, *streams)
    sandbox.faults.add(
        "refuse", path="/rest/organizationAcls", times=None, status=status, says="nothing"
    )
    output = sync(sandbox, *streams)
    assert output.status == 1
    for stream in streams:
        mine = [r for r in whole.records(stream) if r["account_id"] is not None]
        assert len(mine) < len(whole.records(stream))
        assert output.records(stream) == mine
    assert bookmarks(output) == {
        owner: day for owner, day in bookmarks(whole).items() if owner[0] == "account_id"
    }
    noted = {(i["stream"], i["status"]): i["reason"] for i in output.summary["incidents"]}
    assert noted.keys() == {(FORMS, "failed"), (RESPONSES, "failed")}
    assert all(why.startswith("forms of pages are left out: ") for why in noted.values())


@pytest.mark.refused("data_limit")
def test_used_up_quota_of_the_list_of_pages_costs_forms_of_pages_only(sandbox: Sandbox) -> None:
    """The summary says when to come back, and the exit status is that of a quota."""
    sandbox.faults.add("throttle", path="/rest/organizationAcls", times=None)
    output = sync(sandbox, FORMS)
    assert output.status == 3
    assert {r["organization_id"] for r in output.records(FORMS)} == {None}
    (incident,) = output.summary["incidents"]
    assert incident["reason"].startswith("forms of pages are left out: LinkedIn's quota")
    assert "It is renewed at midnight UTC" in incident["reason"]


@pytest.mark.refused("scope_missing")
def test_leads_need_the_scope_of_ads(sandbox: Sandbox) -> None:
    """The ad accounts that own them are asked for first, and `check` says so beforehand."""
    scopes = ("r_marketing_leadgen_automation",)
    output = sync(sandbox, RESPONSES, access_token=sandbox.oauth.issue(scopes))
    assert output.status == 1
    assert "r_ads" in output.summary["incidents"][0]["reason"]
    need = Need(RESPONSES, is_selected=True, resources=("adAccounts", "leadFormResponses"))
    verdict = judge(need, scopes=frozenset(scopes), visible={"account_id"})
    assert "r_ads" in verdict.reason


def test_test_leads_are_not_read(sandbox: Sandbox, world: World) -> None:
    """LinkedIn keeps test leads apart, and so does the tap."""
    tests = [w["id"] for urn, _ in owners(world) for w in assets.leads(world, urn, test=True)]
    assert tests
    found = {record["id"] for record in sync(sandbox, RESPONSES).records(RESPONSES)}
    assert not found & set(tests)


def test_an_answer_without_its_form_is_told(sandbox: Sandbox) -> None:
    """The response shows what LinkedIn sent; where only answers are read, nothing else would."""

    def no_form(request: str, answer: t.Any) -> None:  # noqa: ANN401
        if request.startswith("/rest/leadFormResponses"):
            answer.body = answer.body.replace(b"urn:li:versionedLeadGenForm:", b"some form ")

    with answered(sandbox, no_form):
        output = sync(sandbox, ANSWERS)
    assert {record["lead_form_id"] for record in output.records(ANSWERS)} == {None}
    assert output.summary["incidents"]
    assert all("lead_form_id" in json.dumps(i) for i in output.summary["incidents"])
    assert output.status == 0
