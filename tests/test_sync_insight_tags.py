"""Insight Tags, who may use them, and the domains they run on."""

from __future__ import annotations

import typing as t

from sandbox.world.ads import truth as assets
from tests import singer
from tests.singer import by_key
from tests.test_sync_conversions import instant

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Output

STREAMS = ("insight_tags", "insight_tag_permissions", "insight_tag_domains")


def sync(sandbox: Sandbox, state: singer.Json | None = None) -> Output:
    """Read all three streams."""
    catalog = singer.catalog(dict.fromkeys(STREAMS))
    output = singer.sync(singer.config(sandbox), catalog=catalog, state=state)
    assert output.status == 0
    return output


def number(urn: str) -> int:
    """Return the number at the end of a URN."""
    return int(urn.rpartition(":")[2])


def test_tags(sandbox: Sandbox, world: World) -> None:
    """Each account's tag; one that several accounts use comes once for each of them."""
    found = by_key(sync(sandbox).records("insight_tags"), "account_id", "id")
    assert found == {
        (account, wire["id"]): {
            "account_id": account,
            "account_urn": f"urn:li:sponsoredAccount:{account}",
            "id": wire["id"],
            "tag": wire["tag"],
            "sponsored_accounts": wire["sponsoredAccounts"],
            "first_party_tracking_enabled": wire["firstPartyTrackingEnabled"],
        }
        for account in world.roles
        for wire in assets.insight_tags(world, account)
    }
    assert len({tag for _, tag in found}) < len(found)


def test_permissions(sandbox: Sandbox, world: World) -> None:
    """The role of each account on each tag."""
    stream = "insight_tag_permissions"
    found = by_key(sync(sandbox).records(stream), "account_id", "insight_tag_urn")
    assert found == {
        (account, wire["insightTag"]): {
            "account_id": account,
            "account_urn": wire["account"],
            "insight_tag_urn": wire["insightTag"],
            "insight_tag_id": number(wire["insightTag"]),
            "role": wire["role"],
        }
        for account in world.roles
        for wire in assets.insight_tag_permissions(world, account)
    }
    assert {record["role"] for record in found.values()} == {"FULL", "USE_ONLY"}


def test_domains(sandbox: Sandbox, world: World) -> None:
    """Every domain of every page, with its first and last signal."""
    found = by_key(sync(sandbox).records("insight_tag_domains"), "account_id", "domain_name")
    assert found == {
        (account, wire["domainName"]): {
            "account_id": account,
            "account_urn": f"urn:li:sponsoredAccount:{account}",
            "domain_name": wire["domainName"],
            "insight_tag_urn": wire["insightTag"],
            "insight_tag_id": number(wire["insightTag"]),
            "blocked": wire["blocked"],
            "created_time": instant(wire["created"]),
            "last_callback_at": instant(wire.get("lastCallbackAt")),
        }
        for account in world.roles
        for wire in assets.insight_tag_domains(world, account)
    }
    assert len(found) > 100


def test_the_next_run_reads_everything_again(sandbox: Sandbox) -> None:
    """They are full tables."""
    first = sync(sandbox)
    second = sync(sandbox, first.state)
    for stream in STREAMS:
        assert second.records(stream) == first.records(stream)
