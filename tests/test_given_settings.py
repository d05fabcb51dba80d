"""The SDK's own settings and environment variables: wrong ones are told before any request."""

from __future__ import annotations

import typing as t

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_ads.settings import configuration
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer


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
