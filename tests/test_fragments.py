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

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.responses import Part
from tap_linkedin_ads.api.room import Body, Room
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting import fragments
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.metrics import catalogue, field_groups
from tap_linkedin_ads.reporting.rows import key_fields, values

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tap_linkedin_ads.records.values import UnreadableValue
    from tap_linkedin_ads.reporting.fragments import Fragments, Key

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
    st.decimals(allow_nan=False, allow_infinity=False)
    .filter(lambda amount: abs(amount.adjusted()) < 900)
    .map(str),
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
    found: dict[str, t.Any] = json.loads(fragment, parse_float=Decimal)
    return found


def text_of(value: object) -> str:
    """Return a number so that every digit and exponent counts."""
    return str(Decimal(str(value)).as_tuple()) if value is not None else "null"


ROW = {
    "dateRange": {"start": {"year": 2026, "month": 11, "day": 1}},
    "pivotValues": ["urn:li:sponsoredAccount:1"],
}


def refuse(why: str) -> None:
    """Fail where a row is left out."""
    raise AssertionError(why)


Found = tuple[dt.date, "Key", bytes, list["UnreadableValue"]]
"""A row's first day, key and figures, and what is null in it because no column can hold it."""


def row_by_row(found: Fragments) -> list[Found]:
    """Return what was read of each row."""
    rows = enumerate(zip(found.days, found.keys, found.texts, strict=True))
    return [(*row, found.unreadable.get(place, [])) for place, row in rows]


def read(
    reader: FragmentReader,
    rows: list[msgspec.Raw],
    without_key: Callable[[str], None] = refuse,
    size: int = 500,
) -> list[Found]:
    """Read rows as an answer brings them, in parts of a size."""
    found: list[Found] = []
    for at in range(0, len(rows), size):
        text = responses.answer_of(rows[at : at + size])
        part = Part(reader.row_decoder.decode(text), text)
        found += row_by_row(reader.read(part, without_key))
    return found


@given(ROWS)
def test_any_row(row: dict[str, t.Any]) -> None:
    """The fragment of any row equals what is read value by value, to the last digit."""
    wire = raw(row)
    [(day, key, fragment, unreadable)] = read(FragmentReader(SOME), [wire])
    assert not unreadable
    careful = msgspec.json.Decoder(dict[str, t.Any], float_hook=Decimal).decode(wire)
    assert (day, key) == key_fields(careful)
    found = values(careful, SOME, [])
    written = decoded(fragment)
    assert list(written) == [metric.column for metric in SOME]
    for metric in SOME:
        expected = found.get(metric.column, 0 if metric.additive else None)
        assert text_of(written[metric.column]) == text_of(expected), metric.name


@given(ROWS)
def test_both_ways_write_the_same(row: dict[str, t.Any]) -> None:
    """The fast way and the careful way give the same bytes, whichever a row takes."""
    reader, wire = FragmentReader(SOME), raw(row)
    assert read(reader, [wire]) == row_by_row(reader._read_what_is_odd(wire))


@given(st.lists(ROWS, max_size=8))
def test_rows_together_are_rows_alone(rows: list[dict[str, t.Any]]) -> None:
    """An odd row among others changes nothing for them, nor does the size of a portion."""
    reader, wires = FragmentReader(SOME), [raw(row) for row in rows]
    expected = [row for wire in wires for row in row_by_row(reader._read_what_is_odd(wire))]
    for size in (1, 3, 500):
        assert read(reader, wires, size=size) == expected


ODD_ROWS = st.fixed_dictionaries(
    {},
    optional={
        "dateRange": st.sampled_from(["cut here", {"start": {"year": 1}}, [{}, {}]]),
        "pivotValues": st.sampled_from([[], [None], [{"a": 1}, {"b": 2}]]),
        "impressions": st.sampled_from([Literal("1E+999"), "many", "],{", [{}, {}]]),
        "costInUsd": st.sampled_from(["NaN", "\0", "1"]),
        "list": st.just([{}, {"dateRange": "cut here", "pivotValues": []}]),
    },
)
BESIDE = st.sampled_from([None, [{}, {}], [{"dateRange": "cut here"}, {"a": "},{"}]])


@given(
    rows=st.lists(ROWS | ODD_ROWS, max_size=8),
    before=BESIDE,
    behind=BESIDE,
    size=st.integers(1, 400),
)
def test_an_answer_is_the_same_in_parts(
    rows: list[dict[str, t.Any]], before: object, behind: object, size: int
) -> None:
    """However large the parts are, whatever rows hold and whatever stands beside them."""
    reader, answer = FragmentReader(SOME), responses.answer_of(map(raw, rows))
    first, last = (json.dumps({"beside": beside})[1:-1].encode() for beside in (before, behind))
    content = b"{" + first + b"," + answer[1:-1] + b"," + last + b"}"

    def in_parts(content: bytes, size: int) -> tuple[list[Found], list[str]]:
        body, whys, found = Body(Room(0)), list[str](), list[Found]()
        body.add(content)
        with mock.patch.object(responses, "_PART", size):
            for part in body.parts(reader.row_decoder):
                found += row_by_row(reader.read(part, whys.append))
        return found, whys

    found, whys = in_parts(content, size)
    assert (found, whys) == in_parts(content, len(content))
    assert len(found) + len(whys) == len(rows)
    for end in (len(content) - 1, len(content) // 2):
        with pytest.raises(msgspec.DecodeError):
            in_parts(content[:end], size)


def test_rows_as_documented_are_read_together() -> None:
    """Part by part: none of them is read again, alone."""
    reader = FragmentReader(SOME)
    rows = [raw({**ROW, "impressions": n, "costInUsd": f"{n}.5"}) for n in range(1200)]
    with mock.patch.object(FragmentReader, "_read_alone") as alone:
        found = read(reader, rows)
    alone.assert_not_called()
    assert [decoded(fragment)["impressions"] for _, _, fragment, _ in found] == list(range(1200))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("impressions", "many"),
        ("impressions", 1.5),
        pytest.param("impressions", "1.5", id="a fraction in a string"),
        ("impressions", [1]),
        ("impressions", "NaN"),
        ("impressions", True),
        ("impressions", 2**63),
        ("impressions", Literal("1E+30")),
        ("impressions", Literal("9" * 5000)),
        ("costInUsd", ""),
        ("costInUsd", {"amount": "1"}),
        ("costInUsd", "NaN"),
        ("costInUsd", "Infinity"),
        ("costInUsd", "-Infinity"),
        ("costInUsd", "sNaN"),
        ("costInUsd", Literal("1E+999999999")),
        ("costInUsd", Literal("1E-999999")),
        pytest.param("costInUsd", Literal("9" * 2500), id="too many digits"),
    ],
)
def test_an_odd_figure_costs_itself(name: str, value: object) -> None:
    """It is null and named with what LinkedIn sent; the row's others and all other rows stay."""
    other = "clicks" if name == "impressions" else "impressions"
    metrics = [metric for metric in METRICS if metric.name in {name, other}]
    before, odd, after = {**ROW, name: 1, other: 3}, {**ROW, name: value, other: 5}, {**ROW}
    found = read(FragmentReader(metrics), [raw(before), raw(odd), raw(after)])
    columns = {metric.name: metric.column for metric in metrics}
    (_, _, _, none), (_, _, fragment, (unreadable,)), (_, _, _, neither) = found
    assert not none
    assert not neither
    assert decoded(found[0][2]) == {columns[name]: 1, columns[other]: 3}
    assert decoded(fragment) == {columns[name]: None, columns[other]: 5}
    assert unreadable.column == columns[name]
    assert unreadable.value[:3] == str(value if isinstance(value, str) else json.dumps(value))[:3]


@pytest.mark.parametrize(
    "change",
    [
        {"dateRange": None},
        {"dateRange": {"start": {"year": 2026, "month": 13, "day": 1}}},
        {"dateRange": {"start": {"year": 2026, "month": "x", "day": 1}}},
        {"dateRange": {"start": {"year": 10**15, "month": 1, "day": 1}}},
        {"dateRange": []},
        {"pivotValues": None},
        {"pivotValues": [None]},
        {"pivotValues": ["urn:li:sponsoredAccount:1", {}]},
        {"pivotValues": "urn:li:sponsoredAccount:1"},
    ],
    ids=str,
)
def test_a_row_without_its_key_is_left_out_alone(change: dict[str, t.Any]) -> None:
    """It cannot be joined, so it is refused and named, never guessed; the others are read."""
    whys: list[str] = []
    rows = [raw(ROW), raw({**ROW, **change}), raw(ROW)]
    assert len(read(FragmentReader(SOME), rows, whys.append)) == 2
    (why,) = whys
    assert why.startswith("a row with")
    assert ': {"dateRange": ' in why


def test_a_row_that_linkedin_left_out() -> None:
    """Additive metrics are 0, all others null, in every group of metrics."""
    for group in field_groups(METRICS):
        blank = decoded(b"{" + FragmentReader(group.metrics).blank + b"}")
        assert blank == {m.column: 0 if m.additive else None for m in group.metrics}


def test_no_metric_is_an_empty_fragment() -> None:
    """Where only the key fields are asked for, nothing is written for the group."""
    assert FragmentReader(()).blank == b""


def test_keys_are_decoded_once_and_few_are_kept() -> None:
    """Rows of many answers share them; a long run has new ones every day."""
    decode = mock.Mock(side_effect=bytes.decode)
    known = fragments._Decoded[str](decode, most=2)
    assert [known[text] for text in (b"a", b"b", b"a", b"b")] == ["a", "b", "a", "b"]
    assert decode.call_count == 2
    assert [known[text] for text in (b"c", b"b", b"a")] == ["c", "b", "a"]
    assert len(known) <= 2
