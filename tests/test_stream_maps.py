"""Stream maps, flattening and selection inside columns: the SDK's features work with this tap."""

from __future__ import annotations

import typing as t

import pytest

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


def test_batch_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    """batch_config would ignore selection and stream maps: it is refused, not half-obeyed."""
    batch = {"encoding": {"format": "jsonl"}, "storage": {"root": f"file://{tmp_path}"}}
    output = singer.run(singer.arguments(tmp_path, singer.config(sandbox, batch_config=batch)))
    assert output.status == 2
    assert "batch_config" in output.stderr
    assert output.stdout == b""
