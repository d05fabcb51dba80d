"""Records written as text, and records that the SDK transforms: the same records."""

from __future__ import annotations

import typing as t

import pytest

from sandbox.world import worlds
from tests import singer
from tests.singer import TODAY

if t.TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve
    from tests.singer import Json, Output

STREAMS = ("ad_performance", "conversion_performance", "ad_analytics_by_member_industry")
START = "2026-11-17"
SLOW_WAYS: dict[str, Json] = {
    "flattening": {"flattening_enabled": True, "flattening_max_depth": 0},
    "a filter": {"stream_maps": {name: {"__filter__": "account_id > 0"} for name in STREAMS}},
    "an alias": {"stream_maps": {name: {"__alias__": f"{name}_2"} for name in STREAMS}},
}


def sync(
    sandbox: Sandbox,
    columns: t.Iterable[str] | None = None,
    **settings: t.Any,  # noqa: ANN401
) -> Output:
    """Read three reports."""
    catalog = singer.catalog(dict.fromkeys(STREAMS, columns))
    output = singer.sync(singer.config(sandbox, start_date=START, **settings), catalog=catalog)
    assert output.status == 0, output.stderr[-1000:]
    return output


@pytest.fixture(scope="module")
def sandbox(serve_module: Serve) -> Sandbox:
    """Serve the small world to all tests, which change nothing in it."""
    return serve_module(worlds.small(today=TODAY))


@pytest.fixture(scope="module")
def plain(sandbox: Sandbox) -> Output:
    """Read three reports in the fast way."""
    return sync(sandbox)


def texts(output: Output) -> list[str]:
    """Return the record objects exactly as they are written, in order."""
    found = []
    for line in output.stdout.decode().splitlines():
        if line.startswith('{"type":"RECORD"'):
            begin = line.index('"record":') + len('"record":')
            found.append(line[begin : line.rindex(',"time_extracted"')])
    assert found
    return found


@pytest.mark.parametrize("way", SLOW_WAYS)
def test_both_ways_write_the_same_bytes(sandbox: Sandbox, plain: Output, way: str) -> None:
    """Whether the SDK sees each record or not, the record objects are byte for byte the same."""
    seen = sync(sandbox, **SLOW_WAYS[way])
    assert texts(seen) == texts(plain)
    assert seen.state == plain.state
    assert [len(seen.records(name)) for name in seen.streams] == [
        len(plain.records(name)) for name in plain.streams
    ]


def test_messages_have_the_sdks_shape(sandbox: Sandbox, plain: Output) -> None:
    """Messages of both ways have the same members in the same order."""

    def shapes(output: Output) -> set[tuple[str, ...]]:
        return {tuple(message) for message in output.of_type("RECORD")}

    seen = sync(sandbox, **SLOW_WAYS["flattening"])
    assert shapes(plain) == shapes(seen) == {("type", "stream", "record", "time_extracted")}
    extracted = [message["time_extracted"] for message in plain.of_type("RECORD")]
    assert all(text.endswith(("+00:00", "Z")) for text in extracted)


def test_stream_maps_compute_from_records(sandbox: Sandbox, plain: Output) -> None:
    """A computed column, a removed column, another key and another name all work."""
    maps = {
        "ad_performance": {
            "__alias__": "performance",
            "__else__": None,
            "account_id": "account_id",
            "creative_id": "creative_id",
            "metric_date": "metric_date",
            "__key_properties__": ["creative_id", "metric_date"],
            "tenfold": "impressions * 10",
        }
    }
    output = sync(sandbox, stream_maps=maps)
    rows = {(r["creative_id"], r["metric_date"]): r for r in plain.records("ad_performance")}
    found = output.records("performance")
    assert len(found) == len(rows)
    for record in found:
        assert record.keys() == {"account_id", "creative_id", "metric_date", "tenfold"}
        known = rows[record["creative_id"], record["metric_date"]]
        assert record["tenfold"] == known["impressions"] * 10
    assert output.bookmarks("ad_performance")


def test_a_map_of_one_stream_leaves_others_alone(sandbox: Sandbox, plain: Output) -> None:
    """A filter drops records of its stream; the bookmark moves all the same."""
    maps = {"ad_performance": {"__filter__": "impressions > 1000"}}
    output = sync(sandbox, stream_maps=maps)
    kept = [r for r in plain.records("ad_performance") if r["impressions"] > 1000]
    assert output.records("ad_performance") == kept
    assert 0 < len(kept) < len(plain.records("ad_performance"))
    assert output.records(STREAMS[1]) == plain.records(STREAMS[1])
    assert set(output.bookmarks("ad_performance").values()) == {TODAY.isoformat()}


def test_deselected_columns(sandbox: Sandbox) -> None:
    """Columns that are not selected are in neither way's records."""
    chosen = ("impressions", "clicks", "member_industry_name")
    fast, seen = sync(sandbox, chosen), sync(sandbox, chosen, **SLOW_WAYS["flattening"])
    assert texts(seen) == texts(fast)
    for stream in STREAMS:
        (schema,) = (m for m in fast.of_type("SCHEMA") if m["stream"] == stream)
        for record in fast.records(stream):
            assert record.keys() == schema["schema"]["properties"].keys()
            assert record.keys() <= {*schema["key_properties"], *chosen, "time_granularity"}


def test_text_is_kept(sandbox: Sandbox, plain: Output) -> None:
    """Names with quotes and letters of any script arrive as they are."""
    names = {r["campaign_name"] for r in plain.records("ad_performance")}
    known = {row["name"] for row in sandbox.world.campaigns}
    assert names <= known
    assert any(not name.isascii() for name in names)
