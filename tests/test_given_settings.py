"""The SDK's own settings and environment variables: wrong ones are told before any request."""

from __future__ import annotations

import json
import typing as t

import pytest
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import _ConfigInput

from tap_linkedin_ads.settings import configuration
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def errors_of(**settings: t.Any) -> list[str]:  # noqa: ANN401
    """Create a tap with wrong settings and return what it says."""
    with singer._signals_kept(), pytest.raises(ConfigValidationError) as raised:
        TapLinkedInAds(config={"access_token": "unused", **settings})
    return list(raised.value.errors)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stream_maps", 5),
        ("stream_maps", {"campaigns": 5}),
        ("stream_map_config", 5),
        ("flattening_enabled", "maybe"),
        ("flattening_max_depth", "deep"),
        ("emit_activate_version_messages", "maybe"),
        ("batch_config", {"encoding": {"format": "jsonl"}}),
    ],
)
def test_wrong_built_in_settings_are_refused(name: str, value: object) -> None:
    """The SDK's settings are checked like the tap's: by name, before anything is sent."""
    assert any(error.startswith(f"{name}: ") for error in errors_of(**{name: value}))


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("STREAM_MAPS", "stream_maps"),
        ("FLATTENING_MAX_DEPTH", "flattening_max_depth"),
        ("OAUTH_CREDENTIALS", "oauth_credentials"),
    ],
)
def test_variables_that_hold_no_json_are_refused_by_name(
    variable: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that is neither JSON nor a number is told with all that is wrong, and kept secret."""
    monkeypatch.setenv(f"TAP_LINKEDIN_ADS_{variable}", "{made-up-secret")
    monkeypatch.setenv("TAP_LINKEDIN_ADS_MAX_WORKERS", "many")
    with singer._signals_kept(), pytest.raises(ConfigValidationError) as raised:
        TapLinkedInAds(config={"access_token": "unused"}, parse_env_config=True)
    told = {error.split(":")[0] for error in raised.value.errors}
    assert {name, "max_workers"} <= told
    if name == "oauth_credentials":
        assert "made-up-secret" not in "".join(raised.value.errors)


def test_misspelt_variables_are_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the nearest name, in a warning; what Meltano and the SDK set is none of them."""
    monkeypatch.setenv("TAP_LINKEDIN_ADS_START_DATE", "2026-01-01")
    for name in ("ACESS_TOKEN", "_SELECT", "LOGLEVEL", "OAUTH_CREDENTIALS_CLIENT_ID"):
        monkeypatch.setenv(f"TAP_LINKEDIN_ADS_{name}", "INFO")
    with singer._signals_kept():
        TapLinkedInAds(config={"access_token": "unused"}, parse_env_config=True)
        lines = [m for m in caplog.messages if "there is no such setting" in m]
        (line,) = lines
        assert line == (
            "TAP_LINKEDIN_ADS_ACESS_TOKEN is set in the environment, but there is no such setting; "
            "did you mean TAP_LINKEDIN_ADS_ACCESS_TOKEN?"
        )
        caplog.clear()
        TapLinkedInAds(config={"access_token": "unused"})
        assert "no such setting" not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "status", "said"),
    [
        ({}, 0, ""),
        ({"client_id": "unused", "refresh_token": "unused"}, 0, ""),
        ({"max_workers": "many"}, 2, "max_workers: "),
        ({"no_such": 1}, 2, "no_such: there is no such setting"),
        ({"flattening_max_depth": "deep"}, 2, "flattening_max_depth: "),
        ({"access_token": "a", "refresh_token": "b"}, 2, "both kinds of credentials"),
    ],
    ids=str,
)
def test_discovery_refuses_wrong_settings(
    tmp_path: Path, settings: singer.Json, status: int, said: str
) -> None:
    """Like a run; that there are no credentials yet is nothing wrong."""
    output = singer.run([*singer.arguments(tmp_path, settings), "--discover"])
    assert output.status == status, output.stderr
    assert said in output.stderr
    assert bool(output.stdout) == (status == 0)


@pytest.mark.slow
def test_a_state_file_that_is_yet_to_come_is_a_first_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """It says so; in a folder that does not exist it is a slip."""
    command = singer.arguments(
        tmp_path, singer.config(sandbox), singer.catalog({"campaigns": None})
    )
    first = singer.run([*command, "--state", str(tmp_path / "kept.json")])
    assert first.status == 0, first.stderr
    assert "kept.json does not exist yet, so this is a first run" in first.stderr
    assert first.records("campaigns")
    slip = singer.run([*command, "--state", str(tmp_path / "no" / "kept.json")])
    assert slip.status == 2
    assert slip.stdout == b""


def test_later_files_win_and_variables_win_over_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order that docs/settings.md gives."""
    monkeypatch.setenv("TAP_LINKEDIN_ADS_MAX_WORKERS", "3")
    for name, settings in (
        ("a", {"max_workers": 1, "lookback_window": 1, "date_window_size": 1}),
        ("b", {"max_workers": 2, "lookback_window": 2}),
    ):
        (tmp_path / name).write_text(json.dumps(settings))
    given = _ConfigInput.from_cli_args("ENV", str(tmp_path / "a"), str(tmp_path / "b"))
    with singer._signals_kept():
        tap = TapLinkedInAds(
            config={"access_token": "unused", **given.config}, parse_env_config=given.parse_env
        )
    settings = tap.run.settings
    assert (settings.max_workers, settings.lookback_window, settings.date_window_size) == (3, 2, 1)


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams, discovery and the run go by one reading: a day that ends in between changes none."""
    days = []
    read = configuration.read

    def counted(*args: t.Any, **kwargs: t.Any) -> object:  # noqa: ANN401
        days.append(kwargs["today"])
        return read(*args, **kwargs)

    monkeypatch.setattr(configuration, "read", counted)
    with singer._signals_kept():
        tap = TapLinkedInAds(config={"access_token": "unused"})
        assert tap.streams
        assert tap.run.settings.api_version == tap.api_version
    assert len(days) == 1
