"""Ad accounts and what lies below them: every object, every column, and what is left out when."""

from __future__ import annotations

import datetime as dt
import itertools
import typing as t
from decimal import Decimal

import pytest

from sandbox.world import wire, worlds
from tests import singer
from tests.singer import TODAY, by_key
from tests.truth import snake

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox import Sandbox, World

Wire = dict[str, t.Any]
ENTITIES: dict[str, None] = dict.fromkeys(
    ("ad_accounts", "campaign_groups", "campaigns", "creatives")
)
WORLD_NAMES = {"ad_accounts": "accounts"}
FINAL = {"ARCHIVED", "CANCELED", "COMPLETED", "REMOVED"}
SHOWN = {
    "textAd": "text_ad",
    "spotlight": "spotlight",
    "follow": "follow",
    "jobs": "jobs",
    "eventAd": "event",
    "documentAd": "document",
    "reference": "post",
}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def objects(world: World, stream: str) -> list[Wire]:
    """Return the objects behind a stream, as LinkedIn sends them."""
    found: list[Wire] = getattr(world, WORLD_NAMES.get(stream, stream))
    return found


def instant(milliseconds: int) -> str:
    """Return an instant as records show it."""
    moment = EPOCH + dt.timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds")


def number(urn: str) -> int | None:
    """Return the number at the end of a URN."""
    last = urn.rsplit(":", maxsplit=1)[-1]
    return int(last) if last.isdigit() else None


def shaped(wire: Wire) -> dict[str, t.Any]:
    """Apply the naming rules of the interface to one object; shares no code with the tap."""
    found: dict[str, t.Any] = {}
    for name, value in wire.items():
        found |= columns(name, snake(name), value)
    content = found.get("content", {})
    if "reference" in content:
        found["content_reference_urn"] = content["reference"]
        found["content_reference_id"] = number(content["reference"])
    for kind, column in (("textAd", "text_ad"), ("spotlight", "spotlight")):
        if kind in content:
            found[f"{column}_landing_page"] = content[kind]["landingPage"]
    return found | (shown(wire) if "content" in wire else {})


def shown(creative: Wire) -> dict[str, t.Any]:
    """Return what a creative of the sandbox's kinds shows, written from LinkedIn's documents."""
    ((kind, ad),) = creative["content"].items()
    form = creative.get("leadgenCallToAction", {}).get("label")
    found = {"content_type": SHOWN[kind], "call_to_action": form}
    if kind == "reference":
        found["content_type"] = "message" if "adInMailContent" in ad else "post"
        ad = {}
    for column, name in (
        ("headline", "headline"),
        ("description", "description"),
        ("landing_page", "landingPage"),
        ("call_to_action", "callToAction"),
        ("call_to_action", "buttonLabel"),
        ("image_urn", "image"),
        ("image_urn", "logo"),
    ):
        if name in ad:
            text = ad[name]
            found[column] = next(iter(text.values())) if isinstance(text, dict) else text
    name = creative.get("name")
    return found | {
        "creative_name": found.get("headline") if kind == "textAd" and not name else name
    }


INSTANTS = {
    "createdAt": "created_time",
    "lastModifiedAt": "last_modified_time",
    "totalBudgetEndsAt": "total_budget_ends_at",
}


def columns(name: str, column: str, value: t.Any) -> dict[str, t.Any]:  # noqa: ANN401, PLR0911
    """Return the columns that one field of an object fills."""
    if name == "changeAuditStamps":
        return stamped("created", value["created"]) | stamped(
            "last_modified", value["lastModified"]
        )
    if name in INSTANTS:
        return {INSTANTS[name]: instant(value)}
    if name in {"createdBy", "lastModifiedBy"}:
        return {f"{column}_urn": value}
    if name == "version":
        return {"version_tag": value["versionTag"]}
    if name == "runSchedule":
        return {f"run_schedule_{part}": instant(at) for part, at in value.items()}
    if name in {"locale", "review"}:
        return {f"{column}_{snake(part)}": item for part, item in value.items()}
    if isinstance(value, dict) and "currencyCode" in value:
        currency = {f"{column}_currency_code": value["currencyCode"]}
        return {f"{column}_amount": Decimal(value["amount"])} | currency
    if isinstance(value, str) and value.startswith("urn:"):
        if name == "id":
            return {"id": number(value), "urn": value}
        return {f"{column}_urn": value, f"{column}_id": number(value)}
    return {column: value}


def stamped(prefix: str, stamp: Wire) -> dict[str, t.Any]:
    """Return the columns of an audit stamp."""
    return {f"{prefix}_time": instant(stamp["time"]), f"{prefix}_by_urn": stamp.get("actor")}


def assert_records_equal(records: Iterable[Wire], wires: Iterable[Wire]) -> None:
    """Compare records with the world's objects, column by column in both directions."""
    by_id, expected = by_key(records, "id"), {(row["id"],): row for row in map(shaped, wires)}
    assert by_id.keys() == expected.keys()
    for key, record in by_id.items():
        row = expected[key]
        owner = row.get("account_id", row["id"])
        row |= {"account_id": owner, "account_urn": f"urn:li:sponsoredAccount:{owner}"}
        for column, value in record.items():
            assert value == row.get(column), (key, column)
        lost = {column for column, value in row.items() if value is not None} - record.keys()
        assert not lost, (key, lost)


def modified(wire: Wire) -> int:
    """Return when an object was last modified, in milliseconds."""
    stamps = wire.get("changeAuditStamps")
    return t.cast("int", stamps["lastModified"]["time"] if stamps else wire["lastModifiedAt"])


def test_a_catalog_may_leave_out_what_is_not_selected(sandbox: Sandbox) -> None:
    """As most of these tests do; what discovery writes names every stream."""
    selection = {"campaigns": None, "ad_performance": ("impressions",)}
    config = singer.config(sandbox, start_date="2026-11-15")
    short, whole = (
        singer.sync(config, catalog=singer.catalog(selection, whole=is_whole))
        for is_whole in (False, True)
    )
    assert short.streams == whole.streams == list(selection)
    assert all(short.records(stream) == whole.records(stream) for stream in selection)
    assert short.state == whole.state


@pytest.mark.parametrize("stream", ENTITIES)
def test_every_object_and_every_column(sandbox: Sandbox, world: World, stream: str) -> None:
    """All objects of every status come as records whose columns follow the naming rules."""
    output = singer.sync(singer.config(sandbox), catalog=singer.catalog({stream: None}))
    assert output.status == 0
    assert_records_equal(output.records(stream), objects(world, stream))


@pytest.mark.parametrize(
    ("stream", "resource", "name", "statuses"),
    [
        ("campaign_groups", "adCampaignGroups", "status", wire.GROUP_STATUSES),
        ("campaigns", "adCampaigns", "status", wire.CAMPAIGN_STATUSES),
        ("creatives", "creatives", "intendedStatus", wire.CREATIVE_STATUSES),
    ],
)
def test_every_status_is_read(  # noqa: PLR0913, PLR0917
    sandbox: Sandbox, world: World, stream: str, resource: str, name: str, statuses: tuple[str, ...]
) -> None:
    """Archived and removed entities come too: reports refer to them."""
    for row, status in zip(objects(world, stream), itertools.cycle(statuses), strict=False):
        world.change(resource, number(str(row["id"])), **{name: status})
    output = singer.sync(singer.config(sandbox), catalog=singer.catalog({stream: None}))
    found = {record[snake(name)] for record in output.records(stream)}
    assert found == set(statuses)
    assert_records_equal(output.records(stream), objects(world, stream))


def test_account_users(sandbox: Sandbox, world: World) -> None:
    """A role is a record: account, member, role and when it was given."""
    catalog = singer.catalog({"ad_account_users": None})
    output = singer.sync(singer.config(sandbox), catalog=catalog)
    found = by_key(output.records("ad_account_users"), "account_id", "user_urn")
    expected = {
        (number(wire["account"]), wire["user"]): shaped(wire) for wire in world.account_users
    }
    assert found.keys() == expected.keys()
    for key, record in found.items():
        assert record == {column: expected[key].get(column) for column in record}
        assert {"role", "created_time", "last_modified_time"} <= record.keys()


def test_only_listed_accounts_are_read(sandbox: Sandbox, world: World) -> None:
    """account_ids limits every stream; exclude_account_ids takes away from it."""
    first, second, _ = (account["id"] for account in world.accounts)
    settings = singer.config(sandbox, account_ids=[first, second], exclude_account_ids=[second])
    output = singer.sync(settings, catalog=singer.catalog(ENTITIES))
    assert output.status == 0
    for stream in ENTITIES:
        assert {record["account_id"] for record in output.records(stream)} == {first}


@pytest.mark.parametrize("lookback", [0, 30])
@pytest.mark.parametrize("stream", ["campaign_groups", "campaigns", "creatives"])
def test_second_run_leaves_out_only_what_is_settled(
    sandbox: Sandbox, world: World, stream: str, lookback: int
) -> None:
    """A record is left out when its status is final and it was modified before the look-back."""
    settings = singer.config(sandbox, lookback_window=lookback)
    catalog = singer.catalog({stream: None})
    first = singer.sync(settings, catalog=catalog)
    newest: dict[str, int] = {}
    for row in objects(world, stream):
        newest[row["account"]] = max(newest.get(row["account"], 0), modified(row))
    assert first.bookmarks(stream) == {
        number(account): instant(time) for account, time in newest.items()
    }
    again = singer.sync(settings, catalog=catalog, state=first.state)
    kept = [
        wire
        for wire in objects(world, stream)
        if (wire.get("status") or wire["intendedStatus"]) not in FINAL
        or modified(wire) >= newest[wire["account"]] - lookback * 86_400_000
    ]
    assert_records_equal(again.records(stream), kept)
    assert len(kept) < len(objects(world, stream))
    assert again.bookmarks(stream) == first.bookmarks(stream)


def test_a_change_of_a_settled_entity_is_read(sandbox: Sandbox, world: World) -> None:
    """What is modified after the bookmark comes again, whatever its status; the bookmark moves."""
    settings = singer.config(sandbox, lookback_window=0)
    catalog = singer.catalog({"campaigns": None})
    first = singer.sync(settings, catalog=catalog)
    archived = next(row for row in world.campaigns if row["status"] in FINAL)
    later = max(map(modified, world.campaigns)) + 5000
    world.change("adCampaigns", archived["id"], name="Renamed", lastModified=later)
    again = singer.sync(settings, catalog=catalog, state=first.state)
    assert by_key(again.records("campaigns"), "id")[archived["id"],]["name"] == "Renamed"
    assert again.bookmarks("campaigns")[number(archived["account"]) or 0] == instant(later)


@pytest.mark.parametrize("stream", ENTITIES)
def test_full_table_gets_everything(sandbox: Sandbox, world: World, stream: str) -> None:
    """A catalog that says FULL_TABLE gets every record on every run, and no bookmark."""
    settings = singer.config(sandbox)
    first = singer.sync(settings, catalog=singer.catalog({stream: None}))
    catalog = singer.catalog({stream: None}, full_table=[stream])
    again = singer.sync(settings, catalog=catalog, state=first.state)
    assert_records_equal(again.records(stream), objects(world, stream))


def test_accounts_come_on_every_run(sandbox: Sandbox, world: World) -> None:
    """ad_accounts gives every account always: loaders see which ones there are."""
    settings, catalog = singer.config(sandbox), singer.catalog({"ad_accounts": None})
    first = singer.sync(settings, catalog=catalog)
    again = singer.sync(settings, catalog=catalog, state=first.state)
    assert len(again.records("ad_accounts")) == len(world.accounts)


@pytest.mark.parametrize(
    "fault", ["extra_fields", "extra_enum", "drop_optional", "empty_page", "numbers_as_strings"]
)
def test_unusual_answers_are_read(sandbox: Sandbox, world: World, fault: str) -> None:
    """Fields and values that nobody documents, missing keys and empty pages lose no record."""
    for resource in ("adCampaignGroups", "adCampaigns", "creatives"):
        sandbox.faults.add(fault, where=lambda entry, name=resource: entry.resource == name)
    output = singer.sync(singer.config(sandbox), catalog=singer.catalog(ENTITIES))
    assert output.status == 0
    for stream in ENTITIES:
        ids = {(shaped(wire)["id"],) for wire in objects(world, stream)}
        assert by_key(output.records(stream), "id").keys() == ids


def test_pages_are_read_to_the_last(serve: Callable[..., Sandbox]) -> None:
    """More creatives than fit on a page: each comes once, also where pages overlap."""
    world = worlds.reference(today=TODAY, days=1, campaigns=3, creatives=250)
    sandbox = serve(world)
    sandbox.faults.add("duplicate_row", finder="criteria")
    output = singer.sync(singer.config(sandbox), catalog=singer.catalog({"creatives": None}))
    assert_records_equal(output.records("creatives"), world.creatives)
    asked = [entry for entry in sandbox.log if entry.resource == "creatives"]
    assert 3 <= len(asked) <= 4


def test_names_keep_every_character(sandbox: Sandbox, world: World) -> None:
    """Umlauts, other scripts and emoji arrive as they were written."""
    names = ["北極光ラボ Ünïcode & Söhne", "emoji 📈\u200d", 'quotes " \\ \u2028', "  blanks  "]
    for row, name in zip(world.campaigns, names, strict=False):
        world.change("adCampaigns", row["id"], name=name)
    output = singer.sync(singer.config(sandbox), catalog=singer.catalog({"campaigns": None}))
    assert set(names) <= {record["name"] for record in output.records("campaigns")}
