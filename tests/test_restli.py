"""Rest.li 2.0 text: structure stays literal, every leaf is percent-encoded."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.api import restli as reader
from tap_linkedin_ads.api import restli

KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_", min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
LEAVES = TEXTS | st.integers(-(2**63), 2**63 - 1) | st.booleans()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("ACTIVE", "ACTIVE", id="enum"),
        pytest.param("", "''", id="empty text"),
        pytest.param("urn:li:sponsoredAccount:1", "urn%3Ali%3AsponsoredAccount%3A1", id="URN"),
        pytest.param(
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1234,1)",
            "urn%3Ali%3AversionedLeadGenForm%3A%28urn%3Ali%3AleadGenForm%3A1234%2C1%29",
            id="tuple URN",
        ),
        pytest.param("a b&c=d/ü%", "a%20b%26c%3Dd%2F%C3%BC%25", id="reserved characters"),
        pytest.param(15, "15", id="integer"),
        pytest.param(True, "true", id="true"),
        pytest.param(False, "false", id="false"),
        pytest.param([], "List()", id="empty list"),
        pytest.param(("A", "B"), "List(A,B)", id="list"),
        pytest.param(
            ["urn:li:x:1", "urn:li:x:2"], "List(urn%3Ali%3Ax%3A1,urn%3Ali%3Ax%3A2)", id="URN list"
        ),
        pytest.param(dt.date(2026, 5, 8), "(year:2026,month:5,day:8)", id="day"),
        pytest.param(
            {"start": dt.date(2026, 5, 28), "end": dt.date(2026, 9, 30)},
            "(start:(year:2026,month:5,day:28),end:(year:2026,month:9,day:30))",
            id="date range",
        ),
        pytest.param(
            {"status": {"values": ["ACTIVE", "DRAFT"]}, "test": False},
            "(status:(values:List(ACTIVE,DRAFT)),test:false)",
            id="search record",
        ),
        pytest.param(
            restli.Projection(("dateRange", "pivotValues")),
            "dateRange,pivotValues",
            id="projection",
        ),
    ],
)
def test_encode_writes_linkedins_form(value: restli.Value, text: str) -> None:
    """Each kind of value has the form that LinkedIn's protocol page shows."""
    assert restli.encode(value) == text


@given(VALUES)
def test_encoded_values_read_back_unchanged(value: t.Any) -> None:  # noqa: ANN401
    """An independent parser finds in the text exactly what was put in."""
    assert reader.parse(restli.encode(value)) == _as_text(value)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_query_keeps_names_order_and_values(parameters: dict[str, t.Any]) -> None:
    """A query string splits into the parameters it was made of, in their order."""
    raw = reader.split_query(restli.query(parameters))
    assert list(raw) == list(parameters)
    assert {name: reader.parse(text) for name, text in raw.items()} == _as_text(parameters)


@given(VALUES)
def test_encoded_text_is_plain_ascii_without_separators(value: t.Any) -> None:  # noqa: ANN401
    """No value can break out of its parameter or need further encoding on the way."""
    text = restli.encode(value)
    assert text.isascii()
    assert not set(text) & set('&=?#+/ "\\<>')


def _as_text(value: t.Any) -> t.Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
