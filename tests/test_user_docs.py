"""The pages in docs/ agree with the tap: scopes, versions, state and commands."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tap_linkedin_ads.api import resources, versions
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Failure, Remedy
from tap_linkedin_ads.api.resources import PRODUCTS
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.reports import REPORTS, Report
from tap_linkedin_ads.settings.table import DEFAULT_API_VERSION, SETTINGS
from tap_linkedin_ads.streams.pages.post_pages import Place
from tap_linkedin_ads.sync import notices
from tap_linkedin_ads.sync.bookmarks import Bookmarks
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer, stream_page

DOCS = singer.ROOT / "docs"
SCOPE = re.compile(r"\brw?_[a-z_]+")


def _page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text()


def test_access_names_every_scope_and_its_streams() -> None:
    """Each scope that the tap may lack, and each stream that needs more than the two of ads."""
    page = _page("access")
    read = {name for stream in stream_page.streams() for name in stream.resources}
    scopes = {scope for name in read for scope in resources.get(name).scopes}
    assert scopes <= set(SCOPE.findall(page))
    assert {s for s in SCOPE.findall(page) if s != "r_organization_"} <= scopes
    for private in ("dmp_segments", "company_intelligence"):
        assert f"`{private}`" in page
        assert private in {stream.name for stream in stream_page.streams()}


def test_access_and_login_name_the_same_scopes() -> None:
    """The flags of the login stand beside the scopes that they ask for."""
    flags = dict(
        re.findall(r"^\| (?:`(--\w+)`|always) \| (.+) \|$", _page("login-and-check"), re.MULTILINE)
    )
    for flag, scopes in flags.items():
        row = next(
            line
            for line in _page("access").splitlines()
            if line.endswith(f"| {f'`{flag}`' if flag else 'always'} |")
        )
        assert set(SCOPE.findall(scopes)) == set(SCOPE.findall(row)), flag
    for product in PRODUCTS:
        told = flags[f"--{product.option}" if product.option else ""]
        assert tuple(SCOPE.findall(told)) == product.scopes
        assert f"| {product.name}" in _page("access")


def test_upgrades_table_is_the_taps() -> None:
    """Each version that the tap knows, its last day, and every column and metric it brought."""
    rows = re.findall(r"^\| `(\d{6})` \| (\S+) \| ?(.*) ?\|$", _page("upgrades"), re.MULTILINE)
    assert [row[0] for row in rows] == sorted(versions._SUNSETS)
    before = schema.newer_than("202511")
    for version, day, brought in rows:
        assert day == versions.sunset_of(version).isoformat()
        now = schema.newer_than(version)
        for name in set(before) - set(now):
            assert f"`{name}`" in brought, (version, name)
        named = re.findall(r"`([a-z]\w*(?:\.\w+)?)`", brought)
        assert set(named) - {"company_intelligence_windows"} == set(before) - set(now)
        before = now
    assert f"(default `{DEFAULT_API_VERSION}`)" in _page("upgrades")


def test_upgrades_quotes_the_notices() -> None:
    """The messages are the tap's own words."""
    page = _page("upgrades")
    sunset = versions.sunset_of(DEFAULT_API_VERSION)
    soon = next(notices.version_warnings(DEFAULT_API_VERSION, sunset, is_pinned=True))
    assert soon.startswith("LinkedIn switched off API version")
    early = sunset - notices.dt.timedelta(days=notices.VERSION_NOTICE_DAYS)
    for is_pinned in (True, False):
        told = next(notices.version_warnings(DEFAULT_API_VERSION, early, is_pinned=is_pinned))
        assert told.split(":")[0] in page
    assert f"from {notices.VERSION_NOTICE_DAYS} days before" in page
    gone = explain(Failure(Remedy.STOP, 426, ""), "adAccounts")
    assert gone.split(":")[0] in page


def _examples(page: str) -> list[dict[str, t.Any]]:
    return [json.loads(text) for text in re.findall(r"```json\n(.+?)```", page, re.DOTALL)]


def test_state_examples_are_states() -> None:
    """Every example is read as it is written: bookmarks, variants and a place in posts."""
    keys = {stream.name: stream.replication_key for stream in stream_page.streams()}
    markers = []
    for example in _examples(_page("state")):
        for stream, state in example["bookmarks"].items():
            owner_key = next(iter(state["partitions"][0]["context"]))
            bookmarks = Bookmarks(state, context_key=owner_key, replication_key=keys[stream])
            assert len(list(bookmarks)) == len(state["partitions"])
            assert all(bookmarks.get(owner) for owner in bookmarks)
            markers += [found for owner in bookmarks if (found := bookmarks.progress(owner))]
    assert len(markers) == 1
    place = Place.of(markers[0])
    assert place is not None
    told = {name: markers[0][name] for name in place.markers()}
    assert place.markers() == told


def test_state_tells_the_variants() -> None:
    """The words that a state holds for demographics and custom reports."""
    page = _page("state")
    demographic = next(report for report in REPORTS if report.is_demographic)
    assert demographic.by_trait("MONTHLY", one_campaign_each=False).variant in page
    assert Report("x", ("ACCOUNT", "CAMPAIGN"), schema="custom_report").variant in page


@pytest.mark.parametrize("page", sorted(path.stem for path in DOCS.glob("*.md")))
def test_every_page_is_in_the_index(page: str) -> None:
    """README's list of documents has every page."""
    assert f"](docs/{page}.md" in (singer.ROOT / "README.md").read_text().split("\n## More\n")[1]


def test_state_tells_what_every_setting_changes() -> None:
    """Each setting has its place in the table of changed settings, once."""
    section = _page("state").split("\n## Changed settings\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.+?) \| ", section, re.MULTILINE)
    told = [name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)]
    of_the_sdk: dict[str, t.Any] = {"properties": {}}
    TapLinkedInAds.append_builtin_config(of_the_sdk)
    assert sorted(told) == sorted(SETTINGS.keys() - of_the_sdk["properties"].keys())
