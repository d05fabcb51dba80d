"""docs/streams.md is what the catalog and the schemas say; ``make docs`` writes it."""

from __future__ import annotations

import os

from tests import stream_page


def test_page_is_what_the_schemas_say() -> None:
    """Every stream with every column, its type and its description, word for word."""
    page = stream_page.page()
    if os.environ.get("DOCS") == "write":
        stream_page.PAGE_PATH.write_text(page)
    assert stream_page.PAGE_PATH.read_text() == page, "run `make docs`"


def test_page_names_every_stream_and_column() -> None:
    """Nothing of the catalog is left out, whatever way the page is laid out."""
    page = stream_page.page()
    for stream in stream_page.streams():
        assert f"\n| [`{stream.name}`](#" in page
        for column in stream.schema["properties"]:
            assert f"`{column}`" in page, f"{stream.name}.{column}"


def test_keys_are_never_null() -> None:
    """As the page says of columns of the key."""
    for stream in stream_page.streams():
        for column in stream.primary_keys:
            assert "null" not in stream.schema["properties"][column]["type"], column
