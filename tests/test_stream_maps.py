"""Stream maps, flattening and selection inside columns: the SDK's features work with this tap."""

from __future__ import annotations

import copy
import typing as t

import pytest
from singer_sdk.mapper import SameRecordTransform

from tap_linkedin_ads.settings.stream_maps import unknown_names
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer
from tests.singer import by_key

if t.TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox, World


def test_stream_maps_rename_filter_and_add(sandbox: Sandbox, world: World) -> None:
    """A stream map adds columns, drops records and gives a stream another name."""
    maps = {
        "campaigns": {
            "__alias__": "ad_sets",
            "__filter__": "status == 'ACTIVE'",
            "label": "name + '!'",
            "targeting_criteria": None,
        },
    }
    config = singer.config(sandbox, stream_maps=maps)
    output = singer.sync(config, catalog=singer.catalog({"campaigns": None}))
    assert output.status == 0
    assert output.streams == ["ad_sets"]
    found = by_key(output.records("ad_sets"), "id")
    active = {(row["id"],): row["name"] for row in world.campaigns if row["status"] == "ACTIVE"}
    assert {key: record["label"] for key, record in found.items()} == {
        key: f"{name}!" for key, name in active.items()
    }
    assert all("targeting_criteria" not in record for record in found.values())
    assert output.bookmarks("campaigns")


def test_stream_maps_apply_to_reports(sandbox: Sandbox) -> None:
    """A column of ad_performance is computed from others."""
    maps = {"ad_performance": {"hundredfold": "impressions * 100"}}
    config = singer.config(sandbox, stream_maps=maps, start_date="2026-11-01")
    catalog = singer.catalog({"ad_performance": ["impressions"]})
    output = singer.sync(config, catalog=catalog)
    assert output.status == 0
    records = output.records("ad_performance")
    assert records
    assert all(record["hundredfold"] == record["impressions"] * 100 for record in records)


def test_flattening_makes_columns_of_objects(sandbox: Sandbox, world: World) -> None:
    """Flattening divides open-ended objects into columns, in the schema and in the records."""
    config = singer.config(sandbox, flattening_enabled=True, flattening_max_depth=2)
    output = singer.sync(config, catalog=singer.catalog({"campaigns": None}))
    assert output.status == 0
    assert len(output.records("campaigns")) == len(world.campaigns)
    (schema,) = (m["schema"] for m in output.of_type("SCHEMA"))
    for record in output.records("campaigns"):
        assert record.keys() <= schema["properties"].keys()


@pytest.mark.parametrize("stream", ["campaigns", "ad_performance"])
def test_columns_that_are_not_selected_are_left_out(sandbox: Sandbox, stream: str) -> None:
    """Neither schema nor records have a column that the catalog leaves out; keys stay."""
    catalog = singer.catalog({stream: ["name", "impressions"]})
    output = singer.sync(singer.config(sandbox, start_date="2026-11-01"), catalog=catalog)
    (schema,) = (m for m in output.of_type("SCHEMA"))
    keys = set(schema["key_properties"])
    assert set(schema["schema"]["properties"]) - keys <= {
        "name",
        "impressions",
        "last_modified_time",
    }
    for record in output.records(stream):
        assert keys <= record.keys() <= schema["schema"]["properties"].keys()


def test_parts_of_a_column_can_be_left_out(sandbox: Sandbox) -> None:
    """Selection inside an object column takes parts of it away."""
    catalog = singer.catalog({"creatives": None})
    (creatives,) = (s for s in catalog["streams"] if s["tap_stream_id"] == "creatives")
    creatives["schema"]["properties"]["content"]["properties"] = {
        "textAd": {"type": ["object", "null"]},
        "reference": {"type": ["string", "null"]},
    }
    creatives["metadata"].append(
        {
            "breadcrumb": ["properties", "content", "properties", "reference"],
            "metadata": {"inclusion": "available", "selected": False},
        }
    )
    output = singer.sync(singer.config(sandbox), catalog=catalog)
    assert output.status == 0
    assert all("reference" not in record["content"] for record in output.records("creatives"))


@pytest.mark.slow
def test_batch_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    """batch_config would ignore selection and stream maps: it is refused, not half-obeyed."""
    batch = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    output = singer.run(singer.arguments(tmp_path, singer.config(sandbox, batch_config=batch)))
    assert output.status == 2
    assert "batch_config" in output.stderr
    assert output.stdout == b""


def warnings_of(output: singer.Output, where: str) -> list[str]:
    """Return what the summary warns of."""
    incidents = output.summary["incidents"]
    assert {incident["status"] for incident in incidents} <= {"warning"}
    return [incident["reason"] for incident in incidents if incident["stream"] == where]


def test_a_map_of_a_stream_that_is_not_selected_has_no_effect() -> None:
    """Its columns are not selected, so that the map could not be built; it does not matter."""
    others = [name for name in singer.every_stream() if name != "campaigns"]
    maps = {name: {"added": "some_column", "__key_properties__": ["added"]} for name in others}
    tap = TapLinkedInAds(
        config={"access_token": "unused", "stream_maps": maps},
        catalog=singer.catalog({"campaigns": None}, whole=True),
    )
    for name in others:
        (mapper,) = tap.mapper.stream_maps[name]
        assert isinstance(mapper, SameRecordTransform), name


@pytest.mark.slow
def test_a_run_with_a_map_of_a_stream_that_is_not_selected(sandbox: Sandbox, world: World) -> None:
    """The selected stream is read as without the map, and nothing is said of it."""
    maps = {"ad_analytics_by_creative": {"day": "metric_date"}, "campaigns": {"label": "name"}}
    config = singer.config(sandbox, stream_maps=maps)
    output = singer.sync(config, catalog=singer.catalog({"campaigns": None}, whole=True))
    assert output.status == 0
    assert {r["label"] for r in output.records("campaigns")} == {c["name"] for c in world.campaigns}
    assert output.summary["incidents"] == []


def test_misspelt_names_in_maps_are_warned_of(sandbox: Sandbox) -> None:
    """Streams and left-out columns that do not exist are named, with the nearest that does."""
    maps = {
        "campagns": {"label": "name"},
        "copy": {"__source__": "creativs"},
        "nothing_like_it*": None,
        "campaigns": {"targeting_critera": None, "name": "__NULL__", "__filter__": "True"},
        "*_groups": {"run_schedule_en": None},
    }
    config = singer.config(sandbox, stream_maps=maps)
    output = singer.sync(config, catalog=singer.catalog({"campaigns": None}))
    assert output.status == 0
    assert output.records("campaigns")
    said = warnings_of(output, "stream_maps")
    assert len(said) == 5
    for reason, name, near in zip(
        said,
        ("campagns", "creativs", "nothing_like_it*", "targeting_critera", "run_schedule_en"),
        ("campaigns", "creatives", "", "targeting_criteria", "run_schedule_end"),
        strict=True,
    ):
        assert f" {name}" in reason
        assert not near or f"did you mean {near}?" in reason


def test_misspelt_names_in_a_catalog_are_warned_of(sandbox: Sandbox) -> None:
    """Selected streams and columns that do not exist are named likewise, a line each."""
    catalog = singer.catalog({"campaigns": ["name"]})
    (campaigns,) = (s for s in catalog["streams"] if s["tap_stream_id"] == "campaigns")
    other = copy.deepcopy(campaigns)
    other["tap_stream_id"] = other["stream"] = "campagns"
    catalog["streams"].append(other)
    campaigns["metadata"].append(
        {"breadcrumb": ["properties", "staus"], "metadata": {"selected": True}}
    )
    output = singer.sync(singer.config(sandbox), catalog=catalog)
    assert output.status == 0
    streams, columns = warnings_of(output, "catalog")
    assert "campagns (did you mean campaigns?)" in streams
    assert "staus (did you mean status?)" in columns


def test_no_name_of_the_catalog_is_warned_of() -> None:
    """What exists is never taken for misspelt: every stream and column left out, or under a *."""
    tap = TapLinkedInAds(config={"access_token": "unused"})
    offered = {name: s.schema["properties"].keys() for name, s in tap.streams.items()}
    every = {name: dict.fromkeys(columns) for name, columns in offered.items()}
    assert unknown_names({**every, "*": {"account_id": None}, "__else__": None}, offered) == []
    assert unknown_names(None, offered) == []
