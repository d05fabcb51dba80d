"""``accounts``: which ad accounts a run reads, as JSON."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from tests import singer

if t.TYPE_CHECKING:
    from sandbox import Sandbox, World
    from tests.singer import Json, Output

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def accounts(folder: Path, settings: Json) -> Output:
    """Run the command as a process of its own, with a config file."""
    return singer.run([*singer.arguments(folder, settings), "accounts"])


def test_every_account_of_the_token(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """Without lists: all that a run would find, and the limit to share; one request."""
    done = accounts(tmp_path, sandbox.config())
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout) == {
        "account_ids": sorted(account["id"] for account in world.accounts),
        "exclude_account_ids": [],
        "metric_values_limit": 45_000_000,
    }
    assert [entry.resource for entry in sandbox.log] == ["adAccounts"]


def test_settings_count(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """Lists of ad accounts and the limit are those of the settings."""
    first, second, third = sorted(account["id"] for account in world.accounts)
    settings = {"account_ids": [third, second, first], "exclude_account_ids": [second]}
    done = accounts(tmp_path, {**sandbox.config(), **settings, "metric_values_limit": 1000})
    assert json.loads(done.stdout) == {
        "account_ids": [first, third],
        "exclude_account_ids": [second],
        "metric_values_limit": 1000,
    }


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


def test_wrong_settings_end_with_2(sandbox: Sandbox, tmp_path: Path) -> None:
    """A wrong setting is told, and nothing is printed."""
    done = accounts(tmp_path, {**sandbox.config(), "account_ids": ["none"]})
    assert done.status == 2
    assert done.stdout == b""
    assert "account_ids" in done.stderr


def test_environment_is_read(sandbox: Sandbox, world: World) -> None:
    """The command line of meltano.yml takes all settings from the environment."""
    first, *_ = (account["id"] for account in world.accounts)
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    words = plugins["extractors"][0]["commands"]["accounts"]["args"].split()
    settings = {**sandbox.config(), "account_ids": json.dumps([first])}
    variables = {f"TAP_LINKEDIN_ADS_{name.upper()}": value for name, value in settings.items()}
    done = singer.run([*singer.COMMAND, *words], **variables)
    assert json.loads(done.stdout)["account_ids"] == [first]
