"""How a run ends: exit status, last line of stderr, and what stands on stdout."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tests import singer

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox, World
    from tests.singer import Json, Output

ENTITIES: Json = dict.fromkeys(("ad_accounts", "campaign_groups", "campaigns"))
MESSAGES = {"SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION"}


def run(folder: Path, config: Json, selection: Json, state: Json | None = None) -> Output:
    """Run the tap as a process of its own."""
    return singer.run(singer.arguments(folder, config, singer.catalog(selection), state))


@pytest.mark.slow
def test_complete_is_0(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """A complete run exits 0; the summary counts streams, accounts, rows and requests."""
    selection = {**ENTITIES, "ad_performance": ["impressions"]}
    output = run(tmp_path, singer.config(sandbox, start_date="2026-11-01"), selection)
    assert output.status == 0, output.stderr
    assert {message["type"] for message in output.messages} <= MESSAGES
    summary = output.summary
    assert summary["exit_status"] == 0
    assert summary["rows"] == sum(1 for _ in output.of_type("RECORD"))
    assert summary["requests"] == len(sandbox.log)
    assert summary["incidents"] == []
    for stream in summary["streams"]:
        assert stream["status"] == "complete"
        assert stream["rows"] == len(output.records(stream["stream"]))
    assert {row["stream"] for row in summary["streams"]} == set(selection)
    assert {row["account_id"] for row in summary["accounts"]} == {a["id"] for a in world.accounts}


@pytest.mark.slow
def test_partial_is_1(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """A listed account out of reach: everything else is read, then 1 and a table of what failed."""
    gone, *others = (account["id"] for account in world.accounts)
    world.revoke_access(gone)
    config = singer.config(sandbox, account_ids=[gone, *others])
    output = run(tmp_path, config, ENTITIES)
    assert output.status == 1
    assert {record["id"] for record in output.records("ad_accounts")} == set(others)
    assert output.records("campaigns")
    (incident,) = output.summary["incidents"]
    assert incident["account_id"] == gone
    assert "VIEWER" in incident["reason"]
    lines = output.stderr.splitlines()
    table = lines.index(next(line for line in lines if line.startswith("STREAM ")))
    assert str(gone) in lines[table + 1]
    assert "failed" in lines[table + 1]


@pytest.mark.slow
def test_one_account_that_fails_stops_neither_streams_nor_accounts(
    sandbox: Sandbox, world: World, tmp_path: Path
) -> None:
    """Where LinkedIn refuses one account in one stream, the rest is read and the status is 1."""
    bad, *others = (account["id"] for account in world.accounts)
    sandbox.faults.add(
        "status",
        path=f"/rest/adAccounts/{bad}/adCampaigns",
        times=None,
        status=403,
        body={"status": 403, "code": "NO_PERMISSION_ON_ENTITY", "message": "Viewer may not"},
    )
    output = run(tmp_path, singer.config(sandbox), ENTITIES)
    assert output.status == 1
    assert {record["account_id"] for record in output.records("campaigns")} == set(others)
    assert bad in {record["account_id"] for record in output.records("campaign_groups")}
    (incident,) = output.summary["incidents"]
    assert (incident["stream"], incident["account_id"]) == ("campaigns", bad)
    assert set(output.bookmarks("campaigns")) == set(others)


@pytest.mark.slow
def test_quota_is_3(sandbox: Sandbox, tmp_path: Path) -> None:
    """A daily quota stops the streams of that resource; others finish, state is written, 3."""
    sandbox.faults.add("throttle", path="/rest/adAnalytics", times=None, unit="DAY")
    selection = {"ad_performance": ["impressions"], **ENTITIES}
    output = run(tmp_path, singer.config(sandbox, start_date="2026-01-01"), selection)
    assert output.status == 3
    assert output.records("campaigns")
    assert output.records("ad_performance") == []
    assert output.bookmarks("campaigns")
    assert len([entry for entry in sandbox.log if entry.resource == "adAnalytics"]) <= 4
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "quota"
    assert "midnight UTC" in incident["reason"]
    assert re.search(r"after \d{4}-\d\d-\d\d 00:00 UTC", incident["reason"])


@pytest.mark.slow
def test_the_table_tells_streams_accounts_rows_and_requests(
    sandbox: Sandbox, world: World, tmp_path: Path
) -> None:
    """At the end stderr has a table, and behind it the summary as JSON."""
    output = run(tmp_path, singer.config(sandbox), ENTITIES)
    lines = output.stderr.splitlines()
    (heading,) = (n for n, line in enumerate(lines) if line.startswith("STREAM "))
    assert lines[heading].split() == ["STREAM", "ACCOUNT", "STATUS", "ROWS", "REQUESTS", "WHY"]
    rows = {cells[0]: cells[1:] for cells in map(str.split, lines[heading + 1 : -1])}
    assert rows["campaigns"] == ["-", "complete", str(len(world.campaigns)), "3"]
    assert rows.keys() == ENTITIES.keys()


@pytest.mark.slow
def test_with_structured_logging_every_line_is_json(sandbox: Sandbox, tmp_path: Path) -> None:
    """Where the SDK logs JSON, as in Meltano, so are the table's lines and the summary."""
    sandbox.faults.add("status", path="/rest/adAccounts/", status=500, body="")
    (tmp_path / "logging.yml").write_text(
        json.dumps(
            {
                "version": 1,
                "disable_existing_loggers": False,
                "formatters": {"json": {"()": "singer_sdk.logging.StructuredFormatter"}},
                "handlers": {
                    "stderr": {
                        "class": "logging.StreamHandler",
                        "formatter": "json",
                        "stream": "ext://sys.stderr",
                    }
                },
                "root": {"level": "INFO", "handlers": ["stderr"]},
            }
        )
    )
    catalog = singer.catalog(ENTITIES, whole=True)
    command = singer.arguments(tmp_path, singer.config(sandbox), catalog)
    output = singer.run(command, SINGER_SDK_LOG_CONFIG=str(tmp_path / "logging.yml"))
    assert output.status == 0, output.stderr
    lines = [json.loads(line) for line in output.stderr.splitlines()]
    assert lines[-1]["exit_status"] == 0
    assert {row["stream"] for row in lines[-1]["streams"]} == set(ENTITIES)
    messages = [line["message"] for line in lines[:-1]]
    retries = [message for message in messages if "trying again" in message]
    assert retries
    # The version, a line for each stream, and the table: its heading and a line for each stream.
    assert len(messages) - len(retries) == 1 + len(ENTITIES) + 1 + len(ENTITIES)
    table = [message.split() for message in messages[-1 - len(ENTITIES) :]]
    assert table[0] == ["STREAM", "STATUS", "ROWS", "REQUESTS"]
    for cells, stream in zip(table[1:], lines[-1]["streams"], strict=True):
        assert cells[:3] == [stream["stream"], "complete", str(stream["rows"])]


@pytest.mark.slow
def test_all_wrong_settings_are_told_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """Type, range, name, order and kind of credentials: each by name, value and what is allowed."""
    config = singer.config(
        sandbox,
        refresh_token="a refresh token",
        start_date="2026-11-30",
        end_date="2026-11-01",
        account_ids="urn:li:sponsoredAccount:x",
        organization_ids=[True],
        api_version="202613",
        date_window_size=93,
        lookback_window="long",
        max_worker=3,
        request_timeout=0,
    )
    output = run(tmp_path, config, ENTITIES)
    assert output.status == 2
    assert len(sandbox.log) == 0
    told = {i["reason"].split(":")[0]: i["reason"] for i in output.summary["incidents"]}
    wrong = config.keys() - {"api_url", "oauth_url", "access_token", "end_date"}
    assert wrong <= told.keys()
    assert "max_workers" in told["max_worker"]
    assert '"202613"' in told["api_version"]
    assert "2026-11-01" in told["start_date"]
    assert "1 to 92" in told["date_window_size"]
    assert "both kinds" in output.stderr
    assert "a refresh token" not in output.stderr
    assert sandbox.access_token not in output.stderr


@pytest.mark.slow
@pytest.mark.refused("scope_missing")
def test_missing_scope_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """A 403 for want of a scope says which one, and the status is 1; entities are read."""
    token = sandbox.oauth.issue(("r_ads",))
    config = singer.config(sandbox, access_token=token)
    output = run(tmp_path, config, {**ENTITIES, "ad_performance": ["impressions"]})
    assert output.status == 1
    assert output.records("campaigns")
    assert "r_ads_reporting" in output.summary["incidents"][0]["reason"]


@pytest.mark.slow
@pytest.mark.refused("token_invalid")
def test_a_token_that_is_refused_is_1(sandbox: Sandbox, tmp_path: Path) -> None:
    """Without a valid token nothing can be read: 1, one clear message and no traceback."""
    output = run(tmp_path, singer.config(sandbox, access_token="made-up-token"), ENTITIES)
    assert output.status == 1
    assert "Traceback" not in output.stderr
    assert "made-up-token" not in output.stderr
    assert "access_token" in output.summary["incidents"][0]["reason"]
    assert len(sandbox.log) == 1


@pytest.mark.slow
@pytest.mark.refused("version_inactive")
def test_a_version_that_is_gone_is_1(sandbox: Sandbox, tmp_path: Path) -> None:
    """LinkedIn's 426 is told with the setting that mends it."""
    output = run(tmp_path, singer.config(sandbox, api_version="202501"), ENTITIES)
    assert output.status == 1
    assert "api_version" in output.summary["incidents"][0]["reason"]


@pytest.mark.slow
def test_wrong_settings_are_2(sandbox: Sandbox, tmp_path: Path) -> None:
    """Every wrong setting is named, nothing is sent, nothing stands on stdout."""
    config = singer.config(sandbox, max_workers=0, acount_ids=[1], start_date="soon")
    output = run(tmp_path, config, ENTITIES)
    assert output.status == 2
    assert output.stdout == b""
    assert output.summary["exit_status"] == 2
    reasons = " ".join(incident["reason"] for incident in output.summary["incidents"])
    for name in ("max_workers", "account_ids", "start_date"):
        assert name in reasons
    assert "Traceback" not in output.stderr
    assert len(sandbox.log) == 0


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\ufeff{}", '"text"'], ids=repr)
def test_a_config_file_that_is_no_json_object_is_2(text: str, tmp_path: Path) -> None:
    """A broken file is told in words, with no traceback."""
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    output = singer.run([*singer.COMMAND, "--config", str(tmp_path / "config.json")])
    assert output.status == 2, output.stderr
    assert "Traceback" not in output.stderr
    assert output.stdout == b""


@pytest.mark.slow
@pytest.mark.parametrize("option", ["config", "catalog", "state"])
def test_a_file_that_does_not_exist_is_2(sandbox: Sandbox, tmp_path: Path, option: str) -> None:
    """The message names the file; a state that is yet to come needs its folder at least."""
    command = singer.arguments(tmp_path, singer.config(sandbox))
    output = singer.run([*command, f"--{option}", str(tmp_path / "nowhere" / "missing.json")])
    assert output.status == 2
    assert "missing.json" in output.stderr
    assert "Traceback" not in output.stderr


@pytest.mark.slow
@pytest.mark.parametrize("option", ["catalog", "state"])
def test_a_broken_catalog_or_state_is_2(sandbox: Sandbox, tmp_path: Path, option: str) -> None:
    """A file that is no JSON is not taken for an empty one: that would read everything again."""
    (tmp_path / "broken.json").write_text('{"bookmarks": ', encoding="utf-8")
    command = singer.arguments(tmp_path, singer.config(sandbox))
    output = singer.run([*command, f"--{option}", str(tmp_path / "broken.json")])
    assert output.status == 2
    assert output.stdout == b""
    assert "Traceback" not in output.stderr
    assert f"{option}: {tmp_path / 'broken.json'} is no JSON" in output.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("catalog", [], "holds no JSON object"),
        ("catalog", {}, "create a new one with --discover"),
        ("catalog", {"streams": {}}, "create a new one with --discover"),
        ("catalog", {"streams": [{}]}, "create a new one with --discover"),
        (
            "catalog",
            {"streams": [{"tap_stream_id": "campaign", "schema": {}}]},
            "catalog: it selects no stream of this tap",
        ),
        ("state", [], "holds no JSON object"),
        ("state", 5, "holds no JSON object"),
        ("state", {"bookmarks": []}, "state: bookmarks is no object"),
        ("state", {"bookmarks": {"posts": "2026-01-01"}}, "the state of another tap"),
        ("state", {"bookmarks": {"posts": {"partitions": {}}}}, "the partitions of posts"),
        ("state", {"bookmarks": {"posts": {"partitions": [1]}}}, "the partitions of posts"),
        (
            "state",
            {
                "bookmarks": {
                    "posts": {
                        "partitions": [
                            {"context": {"organization_id": 1}, "replication_key_value": "soon"}
                        ]
                    }
                }
            },
            "'soon'; expected a date",
        ),
        ("config", {"stream_maps": {"campaigns": {"x": "1/0 +"}}}, "stream_maps: Failed to parse"),
    ],
    ids=str,
)
def test_odd_input_is_told_in_words(
    sandbox: Sandbox, tmp_path: Path, option: str, content: object, said: str
) -> None:
    """JSON of another shape is refused before the first request, and says what to do."""
    (tmp_path / "odd.json").write_text(json.dumps(content), encoding="utf-8")
    command = singer.arguments(tmp_path, singer.config(sandbox))
    output = singer.run([*command, f"--{option}", str(tmp_path / "odd.json")])
    assert output.status == 2
    assert output.stdout == b""
    assert said in output.stderr
    assert "Traceback" not in output.stderr
    assert not list(sandbox.log)


def test_a_stream_that_is_not_offered_is_told(sandbox: Sandbox) -> None:
    """A catalog of earlier settings selects what does not exist: a warning, not silence."""
    catalog = singer.catalog({"campaigns": ["name"]})
    entry = next(stream for stream in catalog["streams"] if stream["stream"] == "campaigns")
    catalog["streams"].append({**entry, "tap_stream_id": "my_report", "stream": "my_report"})
    output = singer.sync(singer.config(sandbox), catalog=catalog)
    assert output.status == 0
    assert output.records("campaigns")
    (incident,) = output.summary["incidents"]
    assert incident["status"] == "warning"
    assert "my_report" in incident["reason"]


@pytest.mark.slow
@pytest.mark.parametrize("empty", [{}, {"bookmarks": None}, {"bookmarks": {"posts": {}}}], ids=str)
def test_an_empty_state_begins_anew(sandbox: Sandbox, tmp_path: Path, empty: singer.Json) -> None:
    """What a scheduler hands over before the first run is no mistake."""
    catalog = singer.catalog({"ad_accounts": ["name"]})
    output = singer.run(singer.arguments(tmp_path, singer.config(sandbox), catalog, empty))
    assert output.status == 0, output.stderr


@pytest.mark.slow
def test_a_stream_map_that_fails_on_a_record_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    """An expression that only records show to be wrong ends the run with its text."""
    maps = {"ad_accounts": {"half": "name / 2"}}
    catalog = singer.catalog({"ad_accounts": ["name"]})
    config = singer.config(sandbox, stream_maps=maps)
    output = singer.run(singer.arguments(tmp_path, config, catalog))
    assert output.status == 1
    assert "stream_maps: " in output.stderr
    assert "Traceback" not in output.stderr


@pytest.mark.slow
def test_settings_come_from_the_environment_too(sandbox: Sandbox, tmp_path: Path) -> None:
    """--config=ENV reads TAP_LINKEDIN_ADS_ variables, lists as texts."""
    settings = singer.config(sandbox, account_ids="512340001,512340002", max_workers="2")
    variables = {f"TAP_LINKEDIN_ADS_{name.upper()}": str(v) for name, v in settings.items()}
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(singer.catalog(ENTITIES)), encoding="utf-8")
    output = singer.run([*singer.COMMAND, "--config=ENV", "--catalog", str(path)], **variables)
    assert output.status == 0, output.stderr
    assert len(output.records("ad_accounts")) == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MAX_WORKERS", "ACCOUNT_IDS", "START_DATE", "OAUTH_CREDENTIALS"])
def test_wrong_environment_variables_are_2(name: str) -> None:
    """A text that its setting cannot hold is told by name, with no traceback."""
    variables = {f"TAP_LINKEDIN_ADS_{name}": "many", "TAP_LINKEDIN_ADS_ACCESS_TOKEN": "made-up"}
    output = singer.run([*singer.COMMAND, "--config=ENV"], **variables)
    assert output.status == 2
    assert name.lower() in output.stderr
    assert "Traceback" not in output.stderr


@pytest.mark.slow
def test_connection_test_succeeds(sandbox: Sandbox, tmp_path: Path) -> None:
    """--test=schema describes every stream, reads nothing and exits 0."""
    command = [*singer.arguments(tmp_path, singer.config(sandbox)), "--test=schema"]
    output = singer.run(command)
    assert output.status == 0, output.stderr
    assert {message["type"] for message in output.messages} == {"SCHEMA"}


@pytest.mark.slow
def test_connection_test_reads_one_record_of_each_selected_stream(
    sandbox: Sandbox, world: World, tmp_path: Path
) -> None:
    """--test reads no other stream, and says only what people can do something about."""
    selection: Json = {
        **dict.fromkeys(("campaigns", "conversion_associated_campaigns")),
        "ad_performance": ["impressions"],
    }
    catalog = singer.catalog(selection, whole=True)
    refused, *_ = (account["id"] for account in world.accounts)
    sandbox.faults.add(
        "status",
        path=f"/rest/adAccounts/{refused}/adCampaigns",
        times=None,
        status=403,
        body={"status": 403, "code": "NO_PERMISSION_ON_ENTITY", "message": "Viewer may not"},
    )
    command = singer.arguments(tmp_path, singer.config(sandbox), catalog)
    output = singer.run([*command, "--test"])
    assert set(output.streams) == selection.keys()
    assert [len(output.records(name)) for name in ("campaigns", "ad_performance")] == [1, 1]
    assert {row["stream"]: row["status"] for row in output.summary["streams"]} == {
        "campaigns": "failed",
        "conversion_associated_campaigns": "complete",
        "ad_performance": "complete",
    }
    assert output.status == 1
    assert "VIEWER" in output.stderr
    assert "unhandled" not in output.stderr


@pytest.mark.slow
def test_no_credentials_is_2() -> None:
    """Run without anything, the tap says what it needs."""
    output = singer.run([*singer.COMMAND])
    assert output.status == 2
    assert "refresh_token" in output.stderr


@pytest.mark.slow
def test_config_file_is_never_written(sandbox: Sandbox, tmp_path: Path) -> None:
    """OAuth tokens stay in memory: the files are what the user wrote."""
    credentials = {n: v for n, v in sandbox.credentials().items() if n != "access_token"}
    command = singer.arguments(
        tmp_path, {**credentials, "end_date": "2026-11-22"}, singer.catalog(ENTITIES)
    )
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    output = singer.run(command)
    assert output.status == 0, output.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.slow
def test_secrets_are_in_no_output(sandbox: Sandbox, tmp_path: Path) -> None:
    """Tokens and client secrets are neither in messages nor in logs, state or URLs."""
    credentials = {n: v for n, v in sandbox.credentials().items() if n != "access_token"}
    sandbox.faults.add("revoked_token", path="/rest/adAccounts", nth=2)
    sandbox.faults.add("status", path="/rest/adAccounts/", status=500, body="")
    command = singer.arguments(
        tmp_path, {**credentials, "end_date": "2026-11-22"}, singer.catalog(ENTITIES)
    )
    output = singer.run(command, TAP_LINKEDIN_ADS_LOGLEVEL="DEBUG", LOGLEVEL="DEBUG")
    assert output.status == 0, output.stderr
    secrets = [credentials[name] for name in ("client_secret", "refresh_token")]
    secrets += [token.text for token in sandbox.oauth._tokens.values()]
    written = output.stdout.decode() + output.stderr
    urls = [entry.path + entry.query for entry in sandbox.log if entry.resource != "oauth"]
    assert not [secret for secret in secrets if secret in written + "".join(urls)]
