"""Records as rows of COPY's text, which PostgreSQL reads back as what they were."""

from __future__ import annotations

import json
import re
import typing as t
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from target_postgres_exact.copy_text import NULL, RowEncoder

TYPES: dict[str, sa.types.TypeEngine[t.Any]] = {
    "name": sa.TEXT(),
    "clicks": sa.BIGINT(),
    "spend": sa.DECIMAL(),
    "reach": sa.BIGINT(),
    "content": postgresql.JSONB(),
    "is_on": sa.BOOLEAN(),
    "words": postgresql.ARRAY(sa.TEXT()),
}
UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}

encode = RowEncoder(TYPES, sanitize=False)
sanitize = RowEncoder(TYPES, sanitize=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
numbers = st.none() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


def cells(row: str) -> dict[str, str | None]:
    """Read a row as the page of COPY says."""
    split = row.split("\t")
    assert len(split) == len(TYPES)
    return {
        name: None if cell == NULL else re.sub(r"\\(.)", lambda m: UNESCAPED[m[1]], cell)
        for name, cell in zip(encode.columns, split, strict=True)
    }


@given(texts, st.none() | st.integers(), numbers, json_values)
def test_a_row_reads_back_as_it_was(
    name: str, clicks: int | None, spend: Decimal | int | None, content: object
) -> None:
    """Tabs, newlines, backslashes and every digit stay what they are, and a row is one line."""
    row = encode({"name": name, "clicks": clicks, "spend": spend, "reach": 1, "content": content})
    assert "\n" not in row
    read = cells(row)
    assert read["name"] == name
    assert read["clicks"] == (None if clicks is None else str(clicks))
    assert (read["spend"] and Decimal(read["spend"])) == (None if spend is None else spend)
    assert json.loads(read["content"] or "") == content
    assert read["is_on"] is None


@given(st.dictionaries(st.sampled_from(sorted(TYPES)), st.none() | st.integers(0, 1)))
def test_numbers_written_in_one_go_are_written_as_one_by_one(record: dict[str, int | None]) -> None:
    """A missing column takes the careful path, and the row is the same."""
    record.pop("words", None)
    whole = {name: record.get(name) for name in TYPES}
    assert encode(record) == encode(whole)


@pytest.mark.parametrize("text", ["None", r"\N", "\\", "a\tb", "a\r\nb", "", "NULL"])
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    """No text is taken for null, for the end of a column or of the data."""
    assert cells(encode({"name": text}))["name"] == text


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("clicks", Decimal("5.0"), "5"),
        ("clicks", Decimal("5.5"), "5.5"),  # PostgreSQL refuses it by the column's name
        ("spend", "1.50", "1.50"),
        ("spend", "1\t2", "1\t2"),
        ("spend", Decimal("0E-18"), "0E-18"),
        ("name", 5, "5"),
        ("name", True, "true"),
        ("name", Decimal("1E-3"), "0.001"),
        ("is_on", True, "t"),
        ("is_on", 0, "f"),
        ("words", ["a", None, 'say "\\"', ""], '{"a",NULL,"say \\"\\\\\\"",""}'),
    ],
)
def test_a_value_of_another_kind_is_written_like_the_columns(
    column: str, value: object, text: str
) -> None:
    assert cells(encode({column: value}))[column] == text


def test_no_boolean_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a boolean: 'yes'"):
        encode({"is_on": "yes"})


def test_a_missing_object_is_what_the_plain_loader_makes_of_it() -> None:
    """JSON's null, not the database's."""
    assert cells(encode({}))["content"] == "null"


@given(st.text())
@pytest.mark.slow
def test_what_postgresql_cannot_store_becomes_the_replacement_character(text: str) -> None:
    """U+0000 and lone surrogates, in text and at any depth of JSON, keys included."""
    kept = re.sub("[\0\ud800-\udfff]", "\ufffd", text)
    read = cells(sanitize({"name": text, "content": {text: [text]}, "words": [text]}))
    assert read["name"] == kept
    assert json.loads(read["content"] or "") == {kept: [kept]}
