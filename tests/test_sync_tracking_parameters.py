"""Tracking parameters of ad accounts and campaigns."""

from __future__ import annotations

import typing as t

import pytest

from sandbox.world.ads import build
from sandbox.world.ads import truth as assets
from tests import singer
from tests.singer import by_key

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Json, Output

STREAM = "ad_tracking_parameters"
KEY = ("owner_urn", "parameter", "kind")


def sync(sandbox: Sandbox, *more: str, **settings: t.Any) -> Output:  # noqa: ANN401
    """Read tracking parameters."""
    catalog = singer.catalog(dict.fromkeys((STREAM, *more)))
    return singer.sync(singer.config(sandbox, **settings), catalog=catalog)


def expected(world: World, *, of_accounts: bool = True) -> dict[tuple[t.Any, ...], Json]:
    """Return every parameter that is set, by key."""
    owners: list[tuple[int, str, int | None]] = [
        (account, f"urn:li:sponsoredAccount:{account}", None)
        for account in world.roles
        if of_accounts
    ]
    owners += [
        (int(row["account"].rpartition(":")[2]), f"urn:li:sponsoredCampaign:{row['id']}", row["id"])
        for row in world.campaigns
    ]
    rows = [
        {
            "account_id": account,
            "account_urn": f"urn:li:sponsoredAccount:{account}",
            "owner_urn": urn,
            "owner_id": int(urn.rpartition(":")[2]),
            "campaign_id": campaign,
            "parameter": parameter,
            "kind": kind,
            "value": value,
        }
        for account, urn, campaign in owners
        for kind in ("dynamic", "custom")
        for parameter, value in assets.tracking_parameters(world, urn)
        .get(f"{kind}ValueParameters", {})
        .items()
    ]
    return by_key(rows, *KEY)


def test_parameters_of_accounts_and_campaigns(sandbox: Sandbox, world: World) -> None:
    """Every parameter is there, none set is no error, and messages are not asked about."""
    build.add_tracking(world, "urn:li:sponsoredAccount:512340002", dynamicValueParameters={})
    output = sync(sandbox)
    assert (output.status, output.summary["incidents"]) == (0, []), output.stderr
    assert by_key(output.records(STREAM), *KEY) == expected(world)
    requests = [entry for entry in sandbox.log if entry.resource == "adTrackingParameters"]
    others = [row for row in world.campaigns if row["type"] != "SPONSORED_INMAILS"]
    assert len(requests) == len(world.roles) + len(others)
    assert len(others) < len(world.campaigns)


def test_older_versions_have_no_parameters_of_accounts(sandbox: Sandbox, world: World) -> None:
    """Accounts are not asked about in an API version that does not know them."""
    output = sync(sandbox, api_version="202607")
    assert output.status == 0
    assert by_key(output.records(STREAM), *KEY) == expected(world, of_accounts=False)


def test_parameters_beside_campaigns_read_the_campaigns_once(sandbox: Sandbox) -> None:
    """What campaigns there are is known from the stream that reads them anyway."""
    sync(sandbox)
    alone = len([entry for entry in sandbox.log if entry.resource == "adCampaigns"])
    sandbox.reset_log()
    sync(sandbox, "campaigns", "campaign_conversions")
    assert len([entry for entry in sandbox.log if entry.resource == "adCampaigns"]) == alone


@pytest.mark.parametrize("code", ["RESOURCE_NOT_FOUND", "NOT_FOUND"])
def test_a_resource_that_is_gone_is_not_taken_for_none_set(sandbox: Sandbox, code: str) -> None:
    """A 404 says that there are no parameters, unless it says that nothing is served there."""
    body = {"status": 404, "code": code, "message": "Not found"}
    sandbox.faults.add(
        "status", status=404, body=body, times=None, path="/rest/adTrackingParameters"
    )
    output = sync(sandbox)
    assert not output.records(STREAM)
    assert output.status == (1 if code == "RESOURCE_NOT_FOUND" else 0)


@pytest.mark.parametrize("streams", [(), ("campaign_conversions",)])
def test_an_account_without_its_campaigns_is_named(
    sandbox: Sandbox, world: World, streams: tuple[str, ...]
) -> None:
    """Each stream that is asked for campaigns says that it lacks those of an ad account."""
    account = min(world.roles)
    sandbox.faults.add("status", status=403, times=None, path=f"/rest/adAccounts/{account}/adC")
    output = sync(sandbox, *streams)
    whose = {(i["stream"], i["account_id"]) for i in output.summary["incidents"]}
    assert whose == {(stream, account) for stream in (STREAM, *streams)}
    found = by_key(output.records(STREAM), *KEY)
    assert found == {
        key: row
        for key, row in expected(world).items()
        if row["account_id"] != account or row["campaign_id"] is None
    }


@pytest.mark.parametrize("body", [{"dynamicValueParameters": [1]}, {"customValueParameters": "a"}])
def test_parameters_in_another_shape_cost_their_owner(
    sandbox: Sandbox, world: World, body: Json
) -> None:
    """Those of the other campaigns are there."""
    owner = "urn:li:sponsoredCampaign:360450000"
    build.add_tracking(world, owner, **body)
    output = sync(sandbox)
    assert output.status == 1
    (incident,) = output.summary["incidents"]
    assert incident["reason"].startswith(f"{owner}: ")
    found = by_key(output.records(STREAM), *KEY)
    build.add_tracking(world, owner, dynamicValueParameters={}, customValueParameters={})
    assert found == expected(world)
