"""A tap that leaves everything to the SDK: a plain Stream that yields dictionaries.

It reads the answers that were saved, as RESTStream does by default (the standard library's parser,
numbers with a point as Decimal), joins the field groups by key, gives the columns their names and
yields one dictionary a row. Schema, type conformance, selection, messages and state are the SDK's.
Names of campaigns and the like, which the tap reads from other endpoints, stay empty.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, Tap
from typing_extensions import override

from benchmarks import ours
from sandbox import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

STREAM = "ad_performance"
_KEYS = ("account", "campaign", "creative")


class SavedReport(Stream):
    """Saved answers as records."""

    name = STREAM
    primary_keys = ("account_id", "campaign_id", "creative_id", "metric_date")
    replication_key = "metric_date"

    @override
    def get_records(self, context: Context | None) -> Iterable[Record]:
        folder = Path(self.config["folder"])
        waiting: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
        complete = ""
        for saved in json.loads((folder / "answers.index").read_text(encoding="utf-8")):
            if saved["complete"] > complete:
                yield from _release(waiting, complete)
                complete = saved["complete"]
            body = (folder / saved["file"]).read_bytes()
            for element in json.loads(body, parse_float=Decimal)["elements"]:
                start = element.pop("dateRange")["start"]
                day = dt.date(start["year"], start["month"], start["day"]).isoformat()
                key = (day, tuple(element.pop("pivotValues")))
                waiting.setdefault(key, {}).update(element)
        yield from _release(waiting, "9999")


_COLUMNS = {name: ours.column(name) for name in METRICS}


def _release(
    waiting: dict[tuple[str, tuple[str, ...]], dict[str, Any]], through: str
) -> Iterator[Record]:
    for key in sorted(key for key in waiting if key[0] <= through):
        day, urns = key
        record: Record = {"metric_date": day}
        for name, urn in zip(_KEYS, urns, strict=True):
            record[f"{name}_urn"] = urn
            record[f"{name}_id"] = int(urn.rpartition(":")[2])
        for name, value in waiting.pop(key).items():
            record[_COLUMNS[name]] = Decimal(value) if isinstance(value, str) else value
        yield record


class SavedTap(Tap):
    """A tap with that one stream."""

    name = "tap-saved"
    config_jsonschema: ClassVar[dict[str, Any]] = {
        "properties": {"folder": {"type": "string"}, "schema": {"type": "object"}}
    }

    @override
    def discover_streams(self) -> list[Stream]:
        return [SavedReport(self, schema=self.config["schema"])]


if __name__ == "__main__":
    SavedTap.cli()
