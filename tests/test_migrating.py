"""docs/migrating.md names streams, columns and settings that exist; foreign state is refused."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import typing as t

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_ads.reporting.reports import CUSTOM
from tap_linkedin_ads.settings import configuration
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer, stream_page

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

PAGE = (singer.ROOT / "docs" / "migrating.md").read_text()
NAME = re.compile(r"`([a-z_]+(?:\.[a-z_]+)?)`")
SINGER_IO = {"bookmarks": {"accounts": "2026-11-01T00:00:00Z"}, "currently_syncing": None}


@functools.cache
def columns() -> dict[str, set[str]]:
    """Return the columns of every stream."""
    return {stream.name: set(stream.schema["properties"]) for stream in stream_page.streams()}


def _sections(level: str) -> Iterator[tuple[str, str]]:
    """Give each heading of a level with the text below it, up to the next heading."""
    parts = re.split(r"^(#+) (.+)$", PAGE, flags=re.MULTILINE)
    for marks, heading, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if marks == level:
            yield heading, text


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [re.split(r" \| ", line.strip("| ")) for line in lines[2:]]


STREAMS = [(h, text) for h, text in _sections("###") if h.startswith("Streams of")]
COLUMNS = [(h, text) for h, text in _sections("####")]
SETTINGS = [(h, text) for h, text in _sections("###") if h.startswith("Settings of")]


@pytest.mark.parametrize(("heading", "text"), STREAMS, ids=[heading for heading, _ in STREAMS])
def test_streams_and_keys_exist(heading: str, text: str) -> None:
    """The second column names streams of this tap, the fourth their keys, all of them."""
    keys = {stream.name: set(stream.primary_keys) for stream in stream_page.streams()}
    rows = _rows(text)
    assert len(rows) >= 8, heading
    for there, here, _, *rest in rows:
        names = NAME.findall(here)
        if there == "`custom_<name>`":
            assert here == "the name in `reports`"
            continue
        if here.startswith("none"):
            every = set[str]().union(*columns().values())
            assert set(names) <= every | set(columns())
            continue
        assert names[0] in columns(), here
        key = set(NAME.findall(rest[0])) if rest else set()
        if key and not rest[0].startswith("likewise"):
            assert key == keys[names[0]], names[0]
        elif key:
            assert key < keys[names[0]], names[0]


def test_what_ads_show_at_fivetran_has_a_home() -> None:
    """The right side begins with a stream, and names nothing but streams and their columns."""
    (text,) = (text for heading, text in _sections("##") if "Fivetran" in heading)
    rows = _rows(text)
    assert len(rows) == 10
    known = set[str]().union(*columns().values()) | {"media_video"}
    for _, here in rows:
        names = NAME.findall(here)
        assert names[0] in columns(), here
        assert set(names) <= known | columns().keys(), here


@pytest.mark.parametrize(("heading", "text"), COLUMNS, ids=[heading for heading, _ in COLUMNS])
def test_columns_exist(heading: str, text: str) -> None:
    """Below each stream's heading the right side names columns of the stream in the heading."""
    stream = NAME.findall(heading)[-1]
    for _, here in _rows(text):
        for name in NAME.findall(here):
            if name in columns():  # a stream to join
                continue
            assert name in columns()[stream], f"{stream}.{name}"


def test_columns_of_all_streams_exist() -> None:
    """The tables for all entity streams name columns that campaigns have, or say so."""
    general = [text for heading, text in _sections("###") if heading.startswith("Columns of")]
    assert len(general) == 3
    for text in general:
        for _, here in _rows(text):
            assert set(NAME.findall(here)) <= columns()["campaigns"]


@pytest.mark.parametrize(("heading", "text"), SETTINGS, ids=[heading for heading, _ in SETTINGS])
def test_settings_exist(heading: str, text: str) -> None:
    """The right side names settings of this tap (or keys of a custom report)."""
    TapLinkedInAds.append_builtin_config(TapLinkedInAds.config_jsonschema)
    known = {*TapLinkedInAds.config_jsonschema["properties"], "name", "pivots", "time_granularity"}
    rows = _rows(text)
    assert rows, heading
    for _, here in rows:
        assert set(NAME.findall(here)) <= known


@pytest.mark.parametrize(("heading", "text"), SETTINGS, ids=[heading for heading, _ in SETTINGS])
def test_settings_of_others_are_answered_with_the_page(heading: str, text: str) -> None:
    """Each setting named on the left is this tap's as well, or is refused with the way here."""
    TapLinkedInAds.append_builtin_config(TapLinkedInAds.config_jsonschema)
    known = frozenset(TapLinkedInAds.config_jsonschema["properties"])
    owner = heading.removeprefix("Settings of ")
    told = 0
    for there, _ in _rows(text):
        for name in {name.partition(".")[0] for name in NAME.findall(there)} - known:
            if name in {"name", "pivot_by", "time_granularity"}:
                continue  # keys of a custom report
            given = {"access_token": "unused", name: "x"}
            _, errors = configuration.read(given, known=known, today=singer.TODAY, version="0")
            (error,) = (error for error in errors if error.startswith(f"{name}: "))
            assert f"one of {owner}: docs/migrating.md says" in error
            told += 1
    assert told


def test_every_stream_in_the_text_exists() -> None:
    """What is said to have no counterpart elsewhere is a stream, or its column."""
    text = PAGE.split("Nothing there corresponds to")[1].split("\n## ")[0]
    for name in NAME.findall(text):
        assert name in columns(), name
    assert CUSTOM not in columns()


def test_the_custom_report_is_allowed() -> None:
    """The example of a custom report is one that the tap takes."""
    example = {
        "name": "custom_by_placement",
        "pivots": ["CAMPAIGN", "PLACEMENT_NAME"],
        "time_granularity": "MONTHLY",
        "metrics": "*",
    }
    for key, value in example.items():
        shown = value if isinstance(value, str) else f"[{', '.join(value)}]"
        assert re.search(rf"^[- ] {key}: '?{re.escape(shown)}'?$", PAGE, re.MULTILINE), key
    tap = TapLinkedInAds(config={"access_token": "unused", "reports": [example]})
    assert example["name"] in tap.streams


@pytest.mark.slow
def test_state_of_another_tap_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    """Bookmarks that are texts, as singer-io keeps them, end with exit status 2 and the reason."""
    (tmp_path / "state.json").write_text(json.dumps(SINGER_IO))
    (tmp_path / "config.json").write_text(json.dumps(singer.config(sandbox)))
    command = [*singer.COMMAND, "--config", "config.json", "--state", "state.json"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(singer.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stderr.strip().splitlines()[-1])
    assert "state of another tap" in summary["incidents"][0]["reason"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"bookmarks": {"ad_analytics": {"x": 1}, "accounts": {}}}, "accounts, ad_analytics"),
        ({"streams": [], "version": 2}, "it holds no bookmarks but streams, version"),
        ({"type": "STATE", "value": {"bookmarks": {"accounts": {}}}}, "none of its streams"),
    ],
)
def test_a_state_without_a_stream_of_the_tap_is_refused(state: singer.Json, said: str) -> None:
    """Nothing in it would be used, in silence; the message names what it holds."""
    with singer._signals_kept(), pytest.raises(ConfigValidationError) as raised:
        TapLinkedInAds(config={"access_token": "unused"}, state=state)
    (error,) = raised.value.errors
    assert said in error


@pytest.mark.parametrize(
    "stream", ["campaigns", "ad_reach", "post_comments", "lead_form_responses"]
)
@pytest.mark.parametrize(
    ("around", "where"),
    [
        ({}, ""),
        ({"type": "STATE", "value": None}, "value"),
        ({"singer_state": None}, "singer_state"),
        ({"type": "STATE", "value": {"singer_state": None}}, "value.singer_state"),
    ],
    ids=str,
)
def test_a_state_is_taken_out_of_what_it_was_kept_in(
    stream: str, around: singer.Json, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A message or Meltano's form; a line says so. Streams that are not offered now count, too."""
    state: singer.Json = {"bookmarks": {stream: {"partitions": [{"context": {"account_id": 1}}]}}}
    whole = json.loads(json.dumps(around).replace("null", json.dumps(state))) if around else state
    with singer._signals_kept():
        tap = TapLinkedInAds(config={"access_token": "unused"}, state=whole)
    assert tap.state["bookmarks"][stream] == state["bookmarks"][stream]
    line = f"state: it is taken out of the {where} that was handed in."
    assert caplog.messages.count(line) == bool(where)
