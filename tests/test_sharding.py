"""Sharing ad accounts out between runs: who gets what, and that nothing is lost or read twice."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import linkedin_ads_meltano
from linkedin_ads_shards import (
    Accounts,
    bookmarked,
    pages_environment,
    setting,
    shard_environments,
    share_out,
)
from sandbox.world import worlds
from tests import singer
from tests.processes import started
from tests.singer import TODAY

if t.TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable

    from sandbox import Sandbox
    from tests.singer import Json, Output

ROOT = Path(__file__).resolve().parent.parent
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")
IDS = st.integers(1, 60)
KNOWN = st.lists(st.dictionaries(IDS, st.sampled_from(DAYS)), min_size=1, max_size=6)
Shards = list[dict[int, str]]


# Who gets what


def after_a_run(shares: list[list[int]], before: Shards, day: str) -> Shards:
    """Return what the states know when every shard has read its ad accounts."""
    return [
        {**known, **dict.fromkeys(share, day)} for known, share in zip(before, shares, strict=True)
    ]


@given(st.sets(IDS), KNOWN)
def test_every_account_has_one_shard(accounts: set[int], shards: Shards) -> None:
    """None is lost and none is read twice; the order of the accounts is of no account."""
    shares = share_out(accounts, shards)
    assert len(shares) == len(shards)
    assert sorted(account for share in shares for account in share) == sorted(accounts)
    assert share_out(sorted(accounts, reverse=True), shards) == shares


@given(st.sets(IDS), st.integers(1, 6))
def test_a_first_run_has_shards_of_one_size(accounts: set[int], number: int) -> None:
    """Give or take one."""
    sizes = [len(share) for share in share_out(accounts, [{}] * number)]
    assert max(sizes) - min(sizes) <= 1


@given(st.sets(IDS), st.sets(IDS), st.sets(IDS), KNOWN)
def test_an_account_stays_whatever_comes_and_goes(
    accounts: set[int], come: set[int], gone: set[int], shards: Shards
) -> None:
    """Once read by a shard, it is that shard's, and new ones fill up the smaller shards."""
    shares = share_out(accounts, shards)
    known = after_a_run(shares, shards, "2026-11-23")
    then = share_out((accounts | come) - gone, known)
    kept = [set(share) - gone for share in shares]
    for share, before in zip(then, kept, strict=True):
        assert before <= set(share)
    new = come - accounts - gone
    if new.isdisjoint(set().union(*shards)):
        for share in then:
            assert new.isdisjoint(share) or len(share) <= min(map(len, then)) + 1


@given(st.sets(IDS), KNOWN)
def test_a_bookmark_is_used_where_there_is_one(accounts: set[int], shards: Shards) -> None:
    """An account goes to the state that got furthest with it."""
    for share, known in zip(share_out(accounts, shards), shards, strict=True):
        for account in share:
            assert known.get(account, "") == max(of.get(account, "") for of in shards)


@given(st.sets(IDS), st.integers(1, 3))
def test_a_copied_state_is_shared_evenly(accounts: set[int], number: int) -> None:
    """Twice as many shards, each new one with a copy of an old one's state: nobody reads anew."""
    shares = share_out(accounts, [{}] * number)
    known = after_a_run(shares, [{}] * number, "2026-11-22") * 2
    halves = share_out(accounts, known)
    for shard, share in enumerate(halves):
        assert known[shard].keys() >= set(share)
    for old, new in zip(halves[:number], halves[number:], strict=True):
        assert abs(len(old) - len(new)) <= 1
    assert share_out(accounts, after_a_run(halves, known, "2026-11-23")) == halves


def test_accounts_of_a_state() -> None:
    """Those with a bookmark of any stream, of complete and of stopped runs; pages are none."""
    state = {
        "completed": {
            "singer_state": {
                "bookmarks": {
                    "campaigns": {"partitions": [_entry(1, "2026-11-03T10:00:00+00:00")]},
                    "ad_performance": {"partitions": [_entry(1, "2026-11-21")]},
                    "posts": {"partitions": [{"context": {"organization_id": 9}}]},
                    "ad_account_users": {},
                }
            }
        },
        "partial": {
            "singer_state": {
                "bookmarks": {
                    "ad_performance": {"partitions": [_entry(1, "2026-11-20"), _entry(2, None)]},
                    "conversions": {"partitions": [_entry(3, "2026-10-01T00:00:00Z")]},
                }
            }
        },
    }
    assert bookmarked(state) == {1: "2026-11-21", 3: "2026-10-01"}
    assert bookmarked({"completed": {}, "partial": None}) == {}


def _entry(account: int, value: str | None) -> Json:
    entry: Json = {"context": {"account_id": account}}
    return entry if value is None else {**entry, "replication_key_value": value}


def test_environments() -> None:
    """A shard without ad accounts has no run; the others share the limit of metric values."""
    accounts = Accounts.parse(
        '{"account_ids": [1, 2, 3], "exclude_account_ids": [7], "metric_values_limit": 1000}'
    )
    assert shard_environments(accounts, {"tap-a0": [1, 3], "tap-a1": [], "tap-a2": [2]}) == [
        {
            "PLUGIN": "tap-a0",
            "TAP_A0_ACCOUNT_IDS": "[1,3]",
            "TAP_A0_ACCOUNTS": "[1,3]",
            "TAP_A0_METRIC_VALUES_LIMIT": "500",
        },
        {
            "PLUGIN": "tap-a2",
            "TAP_A2_ACCOUNT_IDS": "[2]",
            "TAP_A2_ACCOUNTS": "[2]",
            "TAP_A2_METRIC_VALUES_LIMIT": "500",
        },
    ]
    assert pages_environment("tap-pages", accounts) == {
        "PLUGIN": "tap-pages",
        "TAP_PAGES_EXCLUDE_ACCOUNT_IDS": "[1,2,3,7]",
    }
    assert shard_environments(accounts, {"tap-a0": []}) == []


# What the runs read


def sync(sandbox: Sandbox, plugin: str, environment: dict[str, str]) -> Output:
    """Read every stream with the settings that meltano.yml and an environment give a plugin."""
    settings = {**singer.config(sandbox, start_date="2026-11-15"), **singer.PERSONAL}
    extractors = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["extractors"]
    declared = next(entry for entry in extractors if entry["name"] == plugin)
    settings |= declared.get("config", {})
    for name in ("account_ids", "accounts", "exclude_account_ids", "organization_ids"):
        if (value := environment.get(setting(plugin, name))) is not None:
            settings[name] = json.loads(value)
    selection = singer.every_stream(**singer.PERSONAL)
    return singer.sync(settings, catalog=singer.catalog(dict(selection), **singer.PERSONAL))


def counted(outputs: list[Output]) -> collections.Counter[str]:
    """Return all records as texts, without when they were read."""
    return collections.Counter(
        json.dumps([m["stream"], {**m["record"], "read_at": None}], sort_keys=True, default=str)
        for output in outputs
        for m in output.of_type("RECORD")
    )


@pytest.mark.slow
def test_shards_and_pages_read_what_one_run_reads(serve: Callable[..., Sandbox]) -> None:
    """Every record of every stream once; every bookmark in one state; pages in one run."""
    sandbox = serve(worlds.small(today=TODAY))
    accounts = Accounts(tuple(sorted(a["id"] for a in sandbox.world.accounts)), (), 1000)
    whole = sync(sandbox, "tap-linkedin-ads", {})
    assert whole.status == 0, whole.stderr
    plugins = ["tap-linkedin-ads-shard0", "tap-linkedin-ads-shard1"]
    shares = dict(zip(plugins, share_out(accounts.ids, [{}, {}]), strict=True))
    environments = [
        pages_environment("tap-linkedin-ads-pages", accounts),
        *shard_environments(accounts, shares),
    ]
    parts = [sync(sandbox, environment["PLUGIN"], environment) for environment in environments]
    assert [part.status for part in parts] == [0, 0, 0]
    assert counted(parts) == counted([whole])
    assert entries(parts) == entries([whole])
    for part in parts[1:]:
        assert not any("organization_id" in entry for entry in entries([part]))


def entries(outputs: list[Output]) -> collections.Counter[str]:
    """Return the bookmarks of all states."""
    return collections.Counter(
        f"{stream} {json.dumps(entry['context'])} {str(entry['replication_key_value'])[:10]}"
        for output in outputs
        for stream, bookmarks in output.state["bookmarks"].items()
        for entry in bookmarks.get("partitions", ())
        if "replication_key_value" in entry
    )


@pytest.mark.slow
def test_a_run_that_reads_nothing_shows_every_schema(sandbox: Sandbox) -> None:
    """So a loader makes all tables; pages are not even asked for."""
    ids = tuple(account["id"] for account in sandbox.world.accounts)
    plugin = "tap-linkedin-ads-pages"
    environment = pages_environment(plugin, Accounts(ids, (), 1))
    output = sync(sandbox, plugin, {**environment, setting(plugin, "organization_ids"): "[]"})
    assert output.status == 0, output.stderr
    assert set(output.streams) >= singer.every_stream().keys()
    assert not list(output.of_type("RECORD"))
    assert {entry.resource for entry in sandbox.log} == {"adAccounts"}


# Meltano, played by a script


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program called meltano on the path; return a project whose files say what it does."""
    program = tmp_path / "bin" / "meltano"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\necho "$*" >> calls\ncase "$*" in\n*:accounts*) cat accounts.json ;;\n'
        "*export*) cat states.json ;;\n*--short*) echo to stderr >&2; cat summary.txt; exit 7 ;;\n"
        "*) exec sleep 60 ;;\nesac\n"
    )
    program.chmod(0o755)
    project = tmp_path / "project"
    project.mkdir()
    (project / "meltano.yml").write_text((ROOT / "meltano.yml").read_text())
    monkeypatch.setenv("PATH", os.pathsep.join([str(program.parent), os.environ["PATH"]]))
    monkeypatch.delenv("MELTANO_ENVIRONMENT", raising=False)
    monkeypatch.delenv("MELTANO_SYS_DIR_ROOT", raising=False)
    return project


def answers(project: Path, accounts: list[int], states: Json) -> None:
    """Have the tap see accounts, and Meltano know states."""
    found = {"account_ids": accounts, "exclude_account_ids": [9], "metric_values_limit": 45_000_000}
    (project / "accounts.json").write_text(json.dumps(found))
    (project / "states.json").write_text(json.dumps(states))


def state_of(*accounts: int) -> Json:
    """Return a state as Meltano exports it."""
    partitions = [_entry(account, "2026-11-21") for account in accounts]
    bookmarks = {"bookmarks": {"ad_performance": {"partitions": partitions}}}
    return {"completed": {"singer_state": bookmarks}, "partial": {}}


@pytest.mark.slow
def test_plan(stand_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The shards are those of meltano.yml, the states those of the environment and the loader."""
    states = {
        "dev:tap-linkedin-ads-shard0-to-target-postgres": state_of(1, 8),
        "dev:tap-linkedin-ads-shard1-to-target-jsonl": state_of(2),
        "prod:tap-linkedin-ads-shard0-to-target-postgres": state_of(3),
    }
    answers(stand_in, [1, 2, 3], states)
    pages, *shards = linkedin_ads_meltano.plan(stand_in, "target-postgres")
    assert pages["TAP_LINKEDIN_ADS_PAGES_EXCLUDE_ACCOUNT_IDS"] == "[1,2,3,9]"
    assert shards[0]["TAP_LINKEDIN_ADS_SHARD0_ACCOUNT_IDS"] == "[1,3]"
    assert shards[1]["TAP_LINKEDIN_ADS_SHARD1_ACCOUNT_IDS"] == "[2]"
    assert "Ad account 8 was read earlier" in capsys.readouterr().out
    calls = (stand_in / "calls").read_text().splitlines()
    assert all("--environment=dev" in call for call in calls)


@pytest.mark.slow
def test_plan_in_another_environment(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MELTANO_ENVIRONMENT says whose states count."""
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "prod")
    states = {"prod:tap-linkedin-ads-shard1-to-target-postgres": state_of(1)}
    answers(stand_in, [1], states)
    _, shard = linkedin_ads_meltano.plan(stand_in, "target-postgres")
    assert shard["PLUGIN"] == "tap-linkedin-ads-shard1"


def test_plan_without_shards(stand_in: Path) -> None:
    """A project without a shard is told so."""
    (stand_in / "meltano.yml").write_text("plugins: {extractors: [{name: tap-linkedin-ads}]}\n")
    with pytest.raises(LookupError, match="shard0"):
        linkedin_ads_meltano.plan(stand_in, "target-postgres")


@pytest.mark.slow
def test_an_error_of_the_tap_ends_the_plan(stand_in: Path) -> None:
    """No accounts because of an error are not no accounts."""
    with pytest.raises(subprocess.CalledProcessError):
        linkedin_ads_meltano.plan(stand_in, "target-postgres")


def loading(
    project: Path, *options: str
) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    """Start a load of one plugin."""
    return started(
        [sys.executable, linkedin_ads_meltano.__file__, "tap-x", "target-y", *options],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for_calls(project: Path, number: int) -> list[str]:
    """Wait until the stand-in was called that often."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        path = project / "calls"
        calls = path.read_text().splitlines() if path.exists() else []
        if len(calls) >= number:
            return calls
        time.sleep(0.05)
    raise TimeoutError


@pytest.mark.slow
def test_a_load_waits_for_one_that_lives_on(stand_in: Path) -> None:
    """A second load of the plugin starts when the first is gone, even if that was killed."""
    with loading(stand_in) as first:
        assert wait_for_calls(stand_in, 1) == ["run tap-x target-y"]
        with loading(stand_in, "--force") as second:
            assert second.stdout is not None
            assert second.stdout.readline() == "Waiting for an earlier run of tap-x to end.\n"
            assert len(wait_for_calls(stand_in, 1)) == 1
            first.send_signal(signal.SIGKILL)
            assert wait_for_calls(stand_in, 2)[1] == "run --force tap-x target-y"
            lock = stand_in / ".meltano" / "run" / "tap-x.lock"
            assert int(lock.read_text()) == second.pid


@pytest.mark.slow
def test_a_load_leaves_the_summary(stand_in: Path) -> None:
    """Everything that Meltano prints comes out, its status too, and the summary is kept."""
    summary = '{"exit_status": 3, "rows": 5}'
    (stand_in / "summary.txt").write_text(f"[info] tap-x {summary}\nRun completed\n")
    with loading(stand_in, "--short") as load:
        assert load.communicate(timeout=60)[0].splitlines() == [
            "to stderr",
            f"[info] tap-x {summary}",
            "Run completed",
        ]
    assert load.returncode == 7
    file = linkedin_ads_meltano.summary_file("tap-x", stand_in)
    assert json.loads(file.read_text()) == {"exit_status": 3, "rows": 5}
