"""``accounts``: which ad accounts a run reads, as JSON and as a table."""

from __future__ import annotations

import collections
import datetime as dt
import json
import typing as t
from pathlib import Path

import pytest
import yaml
from rich.cells import cell_len

from tap_linkedin_ads.cli import tables
from tap_linkedin_ads.cli.accounts import AdAccount, table_of
from tests import singer, truth

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Json, Output

ROOT = Path(__file__).resolve().parent.parent


def accounts(folder: Path, settings: Json) -> Output:
    """Run the command as a process of its own, with a config file."""
    return singer.run([*singer.arguments(folder, settings), "accounts"])


@pytest.mark.slow
def test_every_account_of_the_token(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """Without lists: all that a run would find, and the limit to share; two requests."""
    done = accounts(tmp_path, sandbox.config())
    assert done.status == 0, done.stderr
    found = json.loads(done.stdout)
    wires = sorted(world.accounts, key=lambda account: account["id"])
    described = found.pop("accounts")
    assert found == {
        "account_ids": [account["id"] for account in wires],
        "exclude_account_ids": [],
        "metric_values_limit": 45_000_000,
    }
    assert described == [
        {
            **{field: account[field] for field in ("id", "name", "currency", "status")},
            "role": "ACCOUNT_MANAGER",
            "in_sight": True,
            "last_day_read": None,
            "rows_yesterday": None,
        }
        for account in wires
    ]
    assert [entry.resource for entry in sandbox.log] == ["adAccounts", "adAccountUsers"]


@pytest.mark.slow
def test_a_state_tells_how_far_earlier_runs_came(
    sandbox: Sandbox, world: World, tmp_path: Path
) -> None:
    """The last day read, the rows that a run would have of yesterday, and who is out of reach."""
    gone = 512340009
    first, *others = sorted(account["id"] for account in world.accounts)
    partitions = [
        {
            "context": {"account_id": account},
            "replication_key": "metric_date",
            "replication_key_value": day,
        }
        for account, day in ((first, "2026-11-20"), (gone, "2026-10-03"))
    ]
    state = {"bookmarks": {"ad_performance": {"partitions": partitions}}}
    (tmp_path / "state.json").write_text(json.dumps(state))
    command = singer.arguments(tmp_path, singer.config(sandbox))
    done = singer.run([*command, "accounts", "--state", str(tmp_path / "state.json")])
    assert done.status == 0, done.stderr
    found = {account["id"]: account for account in json.loads(done.stdout)["accounts"]}
    assert {number: account["last_day_read"] for number, account in found.items()} == {
        first: "2026-11-20",
        **dict.fromkeys(others),
        gone: "2026-10-03",
    }
    assert not found[gone]["in_sight"]
    yesterday = singer.TODAY - dt.timedelta(days=1)
    rows = truth.ad_performance(world, yesterday, yesterday)
    counts = collections.Counter(key[0] for key in rows)
    assert counts
    assert {number: account["rows_yesterday"] for number, account in found.items()} == {
        **{account: counts[account] for account in (first, *others)},
        gone: None,
    }


@pytest.mark.parametrize("has_state", [True, False])
@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_on_a_terminal(width: int, has_state: bool) -> None:  # noqa: FBT001
    """On 80 columns names, roles and statuses go over several lines, between words."""
    every = (
        AdAccount(
            512340001,
            "Nordlicht Handelsgesellschaft mbH & Co. KG, Zweigniederlassung München-Süd",
            "EUR",
            "PENDING_DELETION",
            "ACCOUNT_BILLING_ADMIN",
            in_sight=True,
            last_day_read="2026-11-21",
            rows_yesterday=1_234_567,
        ),
        AdAccount(512340009, last_day_read="2026-10-03"),
    )
    table = table_of(every, width, has_state=has_state)
    shown = tables.lines(table, width)
    assert all(cell_len(line) <= width for line in shown)
    words = set(" ".join(shown).split())
    for said in ("512340001 EUR PENDING DELETION ACCOUNT BILLING ADMIN", every[0].name or ""):
        assert set(said.split()) <= words
    assert {"not", "in", "sight"} <= words
    assert ("1,234,567" in words) == has_state == ("2026-10-03" in words)


@pytest.mark.slow
def test_settings_count(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """Lists of ad accounts and the limit are those of the settings."""
    first, second, third = sorted(account["id"] for account in world.accounts)
    settings = {"account_ids": [third, second, first], "exclude_account_ids": [second]}
    done = accounts(tmp_path, {**sandbox.config(), **settings, "metric_values_limit": 1000})
    found = json.loads(done.stdout)
    assert [account["id"] for account in found.pop("accounts")] == [first, third]
    assert found == {
        "account_ids": [first, third],
        "exclude_account_ids": [second],
        "metric_values_limit": 1000,
    }


@pytest.mark.slow
def test_a_listed_account_out_of_reach_is_not_lost(
    sandbox: Sandbox, world: World, tmp_path: Path
) -> None:
    """It is printed, so that the run that gets it fails; one that nobody listed is not."""
    gone, other, unlisted = (account["id"] for account in world.accounts)
    world.revoke_access(gone)
    world.revoke_access(unlisted)
    done = accounts(tmp_path, {**sandbox.config(), "account_ids": [gone, other]})
    assert done.status == 0
    assert json.loads(done.stdout)["account_ids"] == sorted((gone, other))
    assert str(gone) in done.stderr
    done = accounts(tmp_path, sandbox.config())
    assert json.loads(done.stdout)["account_ids"] == [other]


@pytest.mark.slow
def test_refusals_end_with_1(sandbox: Sandbox, tmp_path: Path) -> None:
    """A list that LinkedIn refuses is no empty list."""
    sandbox.faults.add(
        "status",
        path="/rest/adAccounts",
        times=None,
        status=403,
        body={"status": 403, "serviceErrorCode": 100, "message": "Not enough permissions"},
    )
    done = accounts(tmp_path, sandbox.config())
    assert done.status == 1
    assert done.stdout == b""
    assert "r_ads" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_wrong_settings_end_with_2(sandbox: Sandbox, tmp_path: Path) -> None:
    """A wrong setting is told, and nothing is printed."""
    done = accounts(tmp_path, {**sandbox.config(), "account_ids": ["none"]})
    assert done.status == 2
    assert done.stdout == b""
    assert "account_ids" in done.stderr


@pytest.mark.slow
def test_environment_is_read(sandbox: Sandbox, world: World) -> None:
    """The command line of meltano.yml takes all settings from the environment."""
    first, *_ = (account["id"] for account in world.accounts)
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    words = plugins["extractors"][0]["commands"]["accounts"]["args"].split()
    settings = {**sandbox.config(), "account_ids": json.dumps([first])}
    variables = {f"TAP_LINKEDIN_ADS_{name.upper()}": value for name, value in settings.items()}
    done = singer.run([*singer.COMMAND, *words], **variables)
    assert json.loads(done.stdout)["account_ids"] == [first]
