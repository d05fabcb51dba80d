"""docs/summary.md lists the fields that summaries have, no more and no fewer."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from sandbox.world import worlds
from tap_linkedin_ads.sync import run_summary
from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Serve
    from tests.singer import Json

PAGE = (singer.ROOT / "docs" / "summary.md").read_text()
TYPES = {
    "integer": int,
    "string": str,
    "array": list,
    "object": dict,
    "null": type(None),
}
Fields = dict[str, dict[str, set[type]]]


def on_page() -> Fields:
    """Return the fields of the page with their types, by what they are fields of."""
    _, _, text = PAGE.partition("\n## Fields\n")
    text, _, _ = text.partition("\n## Be told\n")
    found: Fields = {}
    for section in text.split("\n### "):
        title = section.splitlines()[0].strip("`")
        rows = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|", section, re.MULTILINE)
        name = title if section.startswith("`") else ""
        found[name] = {field: {TYPES[kind] for kind in of.split(" or ")} for field, of in rows}
    return found


def in_summary(summary: Json) -> Iterator[tuple[str, Json]]:
    """Give every object of a summary, with what it stands in."""
    yield "", summary
    for name, value in summary.items():
        if isinstance(value, list):
            yield from ((name, entry) for entry in value)
    yield from (("accounts.days", a["days"]) for a in summary["accounts"] if a["days"])


@pytest.mark.slow
@pytest.mark.refused("too_many_entities")
def test_the_page_lists_what_runs_write(serve: Serve, tmp_path: Path) -> None:
    """A run that is well and ones with refusals, odd values, a quota, a stop, wrong settings."""
    world = worlds.small(today=singer.TODAY)
    first, *_ = (account["id"] for account in world.accounts)
    campaign = next(iter(world.table("adCampaigns").values()))
    campaign["name"] = "a character \0 that no loader takes"
    campaign["runSchedule"] = {"start": "soon"}
    sandbox = serve(world, largest_page=60)
    selection: Json = {
        "campaigns": None,
        "ad_performance": ["impressions"],
        "organization_followers": None,
    }
    catalog = singer.catalog(selection)
    settings = singer.config(sandbox, start_date="2026-11-01")
    outputs = [singer.sync(settings, catalog=catalog)]
    sandbox.faults.add(
        "status", path=f"/rest/adAccounts/{first}/adCampaigns", times=None, status=403
    )
    sandbox.faults.add("throttle", path="/rest/adAnalytics", times=None, unit="DAY")
    sandbox.faults.add("status", path="/rest/networkSizes", times=None, status=403)
    outputs.append(singer.sync(settings, catalog=catalog))
    outputs.append(singer.run(singer.arguments(tmp_path, {**settings, "max_workers": 0}, catalog)))
    summaries = [output.summary for output in outputs]
    assert [summary["exit_status"] for summary in summaries] == [0, 1, 2]

    written: Fields = {}
    for summary in summaries:
        assert summary["summary_version"] == run_summary.VERSION
        for place, entry in in_summary(summary):
            for field, value in entry.items():
                written.setdefault(place, {}).setdefault(field, set()).add(type(value))
    listed = on_page()
    assert written.keys() == listed.keys(), "an object that none of these runs has, or the page"
    for place, fields in written.items():
        assert fields.keys() == listed[place].keys(), place
        for field, types in fields.items():
            assert types <= listed[place][field], f"{place}.{field}"


def test_the_sample_of_the_page_is_a_summary() -> None:
    """It has the fields of the lists, and its values their types."""
    (sample,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    listed = on_page()
    for place, entry in in_summary(json.loads(sample)):
        assert entry.keys() == listed[place].keys()
        for field, value in entry.items():
            assert type(value) in listed[place][field]
