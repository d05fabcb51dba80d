"""Rows joined as text: the fast reading of figures says what the careful one says."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from decimal import Decimal
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting import fragments
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.metrics import catalogue, field_groups
from tap_linkedin_ads.reporting.rows import UnreadableRowError, key_fields, values

METRICS = catalogue(schema.read("metrics")["properties"])
SOME = tuple(
    metric
    for metric in METRICS
    if metric.name
    in {
        "impressions",
        "costInUsd",
        "costPerQualifiedLead",
        "approximateMemberReach",
        "audiencePenetration",
        "jobApplications",
    }
)
DIGITS = ("99.99999999999996", "-2E-18", "0E-18", "12345678901234567890.123456789", "0.0", "1e3")
WHOLE = st.integers(-(10**12), 10**18)
EXACT = st.one_of(
    st.sampled_from(DIGITS),
    st.decimals(allow_nan=False, allow_infinity=False, places=9).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
)


class Literal(str):
    """A number in JSON, as it is written."""

    __slots__ = ()


def figures(kind: str) -> st.SearchStrategy[object]:
    """Return what LinkedIn may send for a kind of metric: numbers, strings, null, nothing."""
    whole = st.one_of(WHOLE, WHOLE.map(str), WHOLE.map(lambda n: f"{n}.0"))
    exact = st.one_of(EXACT, EXACT.map(Literal), WHOLE)
    return st.one_of(st.none(), whole if kind == "long" else exact)


ROWS = st.fixed_dictionaries(
    {
        "dateRange": st.dates(dt.date(2016, 1, 1)).map(
            lambda day: {
                edge: {"year": day.year, "month": day.month, "day": day.day}
                for edge in ("start", "end")
            }
        ),
        "pivotValues": st.lists(st.text(), max_size=3),
    },
    optional={metric.name: figures(metric.kind) for metric in SOME} | {"undocumented": st.none()},
)


def raw(row: t.Mapping[str, t.Any]) -> msgspec.Raw:
    """Write a row as LinkedIn would, with literal numbers as they are."""
    members = [
        f"{json.dumps(name)}:{value if isinstance(value, Literal) else json.dumps(value)}"
        for name, value in row.items()
    ]
    return msgspec.Raw(("{" + ",".join(members) + "}").encode())


def decoded(fragment: bytes) -> dict[str, t.Any]:
    """Read a fragment with every digit."""
    found: dict[str, t.Any] = json.loads(b"{" + fragment + b"}", parse_float=Decimal)
    return found


def text_of(value: object) -> str:
    """Return a number so that every digit and exponent counts."""
    return str(Decimal(str(value)).as_tuple()) if value is not None else "null"


@given(ROWS)
def test_any_row(row: dict[str, t.Any]) -> None:
    """The fragment of any row equals what is read value by value, to the last digit."""
    wire = raw(row)
    [(day, key, fragment)] = FragmentReader(SOME).read([wire])
    careful = msgspec.json.Decoder(dict[str, t.Any], float_hook=Decimal).decode(wire)
    assert (day, key) == key_fields(careful)
    found = values(careful, SOME)
    written = decoded(fragment)
    assert list(written) == [metric.column for metric in SOME]
    for metric in SOME:
        expected = found.get(metric.column, 0 if metric.additive else None)
        assert text_of(written[metric.column]) == text_of(expected), metric.name


@given(ROWS)
def test_both_ways_write_the_same(row: dict[str, t.Any]) -> None:
    """The fast way and the careful way give the same bytes, whichever a row takes."""
    reader, wire = FragmentReader(SOME), raw(row)
    assert list(reader.read([wire])) == [reader._read_what_is_odd(wire)]


@given(st.lists(ROWS, max_size=8))
def test_rows_together_are_rows_alone(rows: list[dict[str, t.Any]]) -> None:
    """An odd row among others changes nothing for them, nor does the size of a portion."""
    reader, wires = FragmentReader(SOME), [raw(row) for row in rows]
    expected = [reader._read_what_is_odd(wire) for wire in wires]
    for size in (1, 3, 500):
        with mock.patch.object(fragments, "_PORTION", size):
            assert list(reader.read(wires)) == expected


@pytest.mark.parametrize("literal", ['"NaN"', '"Infinity"', '"-Infinity"', '"sNaN"', "NaN"])
def test_what_is_no_number_is_refused(literal: str) -> None:
    """NaN and infinities never reach a record: JSON has none."""
    start = '"start":{"year":2026,"month":11,"day":1}'
    wire = f'{{"dateRange":{{{start}}},"pivotValues":[],"costInUsd":{literal}}}'.encode()
    with pytest.raises((UnreadableRowError, msgspec.DecodeError)):
        list(FragmentReader(SOME).read([msgspec.Raw(wire)]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("impressions", "many"),
        ("impressions", 1.5),
        pytest.param("impressions", "1.5", id="a fraction in a string"),
        ("impressions", [1]),
        ("impressions", "NaN"),
        ("costInUsd", ""),
        ("costInUsd", {"amount": "1"}),
    ],
)
def test_odd_values_are_named(name: str, value: object) -> None:
    """The message says which metric and what LinkedIn sent."""
    row = {
        "dateRange": {"start": {"year": 2026, "month": 11, "day": 1}},
        "pivotValues": ["urn:li:sponsoredAccount:1"],
        name: value,
    }
    with pytest.raises(UnreadableRowError, match=name):
        list(FragmentReader(SOME).read([raw(row)]))


@pytest.mark.parametrize("missing", ["dateRange", "pivotValues"])
def test_a_row_needs_its_key(missing: str) -> None:
    """Without its day or its pivot values a row cannot be joined: it is refused, not guessed."""
    row = {
        "dateRange": {"start": {"year": 2026, "month": 11, "day": 1}},
        "pivotValues": ["urn:li:sponsoredAccount:1"],
        "impressions": 5,
    }
    del row[missing]
    with pytest.raises(UnreadableRowError):
        list(FragmentReader(SOME).read([raw(row)]))


def test_a_row_that_linkedin_left_out() -> None:
    """Additive metrics are 0, all others null, in every group of metrics."""
    for group in field_groups(METRICS):
        blank = decoded(FragmentReader(group.metrics).blank)
        assert blank == {m.column: 0 if m.additive else None for m in group.metrics}


def test_no_metric_is_an_empty_fragment() -> None:
    """Where only the key fields are asked for, nothing is written for the group."""
    assert FragmentReader(()).blank == b""
