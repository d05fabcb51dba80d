"""Which ad accounts and pages the lists in the settings make the tap read."""

from __future__ import annotations

import typing as t

import pytest

from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World

LISTS = {"account_ids": "all ad streams", "organization_ids": "all page streams"}
PREFIX = "TAP_LINKEDIN_ADS_"


@pytest.mark.parametrize("setting", LISTS)
def test_an_empty_list_reads_nothing_and_says_so(sandbox: Sandbox, setting: str) -> None:
    """No record, no request for what is not wanted, and one warning that names the setting."""
    output = singer.sync(
        singer.config(sandbox, start_date="2026-11-01", **{name: [] for name in LISTS}),
        catalog=singer.catalog(
            {"ad_accounts": None, "ad_performance": None, "organizations": None, "posts": None}
        ),
    )
    assert output.status == 0
    assert not list(output.of_type("RECORD"))
    assert not sandbox.log
    (incident,) = (i for i in output.summary["incidents"] if i["stream"] == LISTS[setting])
    assert incident["status"] == "warning"
    assert incident["reason"].startswith(f"{setting} is empty")
    assert len(output.summary["incidents"]) == len(LISTS)


@pytest.mark.parametrize("setting", [*LISTS, "accounts"])
@pytest.mark.parametrize(("text", "expected"), [("[]", ()), ("", None), ("[7]", (7,))])
def test_lists_in_environment_variables(
    setting: str, text: str, expected: tuple[int, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Meltano hands them over: [] is an empty list, an empty text is not set."""
    monkeypatch.setenv(f"{PREFIX}{setting.upper()}", text)
    with singer._signals_kept():
        tap = TapLinkedInAds(config={"access_token": "unused"}, parse_env_config=True)
    name = "account_ids" if setting == "accounts" else setting
    assert getattr(tap.run.settings, name) == expected


def test_an_excluded_account_that_does_not_exist_is_warned_of(
    sandbox: Sandbox, world: World
) -> None:
    """A slip in an excluded id would read the account in silence."""
    excluded = world.accounts[0]["id"]
    output = singer.sync(
        singer.config(sandbox, exclude_account_ids=[excluded, 123456, excluded + 1_000_000]),
        catalog=singer.catalog({"ad_accounts": None}),
    )
    assert output.status == 0
    read = {row["id"] for row in output.records("ad_accounts")}
    assert read == {account["id"] for account in world.accounts} - {excluded}
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "warning"
    assert incident["reason"].endswith(f": 123456, {excluded + 1_000_000}")
