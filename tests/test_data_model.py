"""docs/data-model.md and its pictures are what the catalog and the schemas say.

``make docs`` writes them; tests/test_columns.py looks for rows by every join.
"""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree as ET

import pytest

from tests import data_model, data_model_picture, singer
from tests.data_model import Join

DOCS = singer.ROOT / "docs"
SVG = "{http://www.w3.org/2000/svg}"


def held(name: str, text: str) -> None:
    """Compare a file of docs with what it ought to be, or write it."""
    if os.environ.get("DOCS") == "write":
        (DOCS / name).write_text(text)
    assert (DOCS / name).read_text() == text, "run `make docs`"


def test_page_is_what_the_schemas_say() -> None:
    """Every join has its row, with all columns that it takes."""
    held("data-model.md", data_model.page())


@pytest.mark.parametrize("theme", data_model_picture.THEMES)
def test_pictures_are_what_the_schemas_say(theme: str) -> None:
    """Both are drawn from the catalog of today, and the page shows both."""
    held(f"data-model-{theme}.svg", data_model_picture.picture(theme))
    assert f'"data-model-{theme}.svg"' in data_model.page()


def test_the_picture_shows_every_table_key_and_join() -> None:
    """By the words in the box of each table, whatever way it is drawn."""
    drawn = ET.fromstring(data_model_picture.picture("light"))  # noqa: S314 - drawn just now
    boxes = {
        box.attrib["id"]: [text.text for text in box.iter(f"{SVG}text")]
        for box in drawn.iter(f"{SVG}g")
    }
    keys = singer.primary_keys(**singer.PERSONAL)
    assert boxes.keys() == keys.keys()
    for name, words in boxes.items():
        joins = data_model.joins_of(name)
        assert words[0] == name
        assert {*keys[name], *(join.columns[0] for join in joins)} <= set(words)
        others = [f"→ {join.other}" for join in joins]
        assert sorted(word for word in words if word.startswith("→ ")) == sorted(others)


def test_both_pictures_say_the_same() -> None:
    """They differ in colours only."""
    light, dark = (
        re.sub(r"#[0-9a-f]{6}", "", data_model_picture.picture(theme))
        for theme in data_model_picture.THEMES
    )
    assert light == dark


def test_texts_stay_in_their_boxes() -> None:
    """A long column and a long table have a line each, and so have boxes side by side."""
    for table in data_model.tables().values():
        for row in data_model_picture.rows_of(table):
            if row.lines == 1 and row.other and not row.is_again:
                assert len(row.column) + len(row.other) < 42, row


@pytest.mark.parametrize(
    "join",
    [
        # As a description says.
        Join("campaigns", "ad_accounts", (("account_id", "id"),)),
        # As descriptions say of the same column elsewhere.
        Join("report_coverage", "ad_accounts", (("account_id", "id"),)),
        Join("ad_analytics_by_member_industry", "campaigns", (("campaign_id", "id"),)),
        # Completed to the whole key by a column of the same name, or by another description.
        Join(
            "conversion_performance",
            "conversions",
            (("conversion_id", "id"), ("account_id", "account_id")),
        ),
        Join(
            "lead_form_responses",
            "lead_forms",
            (("lead_form_id", "id"), ("lead_form_version_id", "version_id")),
        ),
        # With a column of another name.
        Join(
            "conversation_ads",
            "conversation_ad_messages",
            (("first_message_id", "message_id"), ("id", "conversation_id")),
        ),
        # Said on the other side.
        Join("creatives", "ad_posts", (("content_reference_urn", "post_urn"),)),
        # To one of several tables.
        Join("ad_reach", "campaign_groups", (("entity_id", "id"),)),
        # A table of ads that has the columns of one of pages.
        Join("ad_post_carousel_cards", "ad_posts", (("post_urn", "post_urn"),)),
    ],
    ids=lambda join: f"{join.table}-{join.other}",
)
def test_joins_are_found(join: Join) -> None:
    """One for each way in which the schemas can say it."""
    assert join in data_model.joins()


def test_no_column_that_joins_elsewhere_is_left_out() -> None:
    """A column with the name of one that refers to a table refers to one itself, or is its key."""
    referring = {join.columns[0] for join in data_model.joins()}
    targets = {(join.other, column) for join in data_model.joins() for column in join.other_columns}
    for table in data_model.tables().values():
        refers = {column for join in data_model.joins_of(table.name) for column in join.columns}
        own = {"account_id"} if table.name == "ad_accounts" else set()
        own |= {"organization_id"} if table.name == "organizations" else set()
        left = (table.columns.keys() & referring) - refers - own - {"id", "urn"}
        assert {(table.name, column) for column in left} <= targets


def test_joins_lead_to_one_row() -> None:
    """All but those that say otherwise reach the whole key of the table that they lead to."""
    found = {
        (join.table, join.other)
        for join in data_model.joins()
        if frozenset(join.other_columns) not in data_model.tables()[join.other].names_one
    }
    assert found == {
        # Numbers of nodes repeat between conversations.
        ("ad_analytics_by_conversation_node", "conversation_ad_messages"),
        ("ad_analytics_by_conversation_node", "conversation_ad_options"),
        # A message shows a form, whatever its version.
        ("conversation_ad_messages", "lead_forms"),
        # By the URN of the message, which is not the key.
        ("conversation_ads", "conversation_ad_messages"),
    }
