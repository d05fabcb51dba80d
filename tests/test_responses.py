"""LinkedIn's answers, decoded."""

from __future__ import annotations

import json
import typing as t
from decimal import Decimal
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.responses import MOST_DIGITS, RowDecoder


def test_a_finders_answer_has_rows() -> None:
    """They stay as they came; paging and metadata may be missing."""
    found = responses.finder(b'{"elements":[{"a":1.50},7],"paging":{"count":2},"x":1}')
    assert [bytes(raw) for raw in found.elements] == [b'{"a":1.50}', b"7"]
    assert responses.beside_rows(found.paging) == {"count": 2}
    assert responses.beside_rows(found.metadata) == {}


def test_rows_make_an_answer() -> None:
    """As they are; one that has nothing else."""
    rows = [b'{"a":1.50}', msgspec.Raw(b"7")]
    assert responses.answer_of(rows) == b'{"elements":[{"a":1.50},7]}'
    assert responses.answer_of([]) == b'{"elements":[]}'


@pytest.mark.parametrize("body", [b"{}", b'{"elements":null}', b'{"elements":[1', b"[]", b""])
def test_what_is_no_answer_of_a_finder_is_refused(body: bytes) -> None:
    """Without rows nothing is known."""
    with pytest.raises(msgspec.DecodeError):
        responses.finder(body)


TEXTS = st.text('}{][,:"\\ aü\0', max_size=6)
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
    max_leaves=5,
)
"""Rows may be anything, and may look like the end of a row or of all rows."""
OBJECTS = st.lists(st.fixed_dictionaries({"a": VALUES}), max_size=6)


def parts(
    content: bytes, size: int, decoder: RowDecoder[t.Any] = responses.RAW
) -> tuple[list[bytes], int]:
    """Read a body in parts of a size; return its rows and how many characters were replaced."""

    def read(start: int, length: int) -> bytes:
        return content[start : start + length]

    with mock.patch.object(responses, "_PART", size):
        found = list(responses.parts(read, len(content), decoder))
    for part in found:
        assert len(part.raw_rows) == len(part.rows)
    rows = [bytes(raw) for part in found for raw in part.raw_rows]
    return rows, sum(part.replaced for part in found)


@given(
    before=st.dictionaries(st.sampled_from(["paging", "links"]), OBJECTS),
    rows=OBJECTS | st.lists(VALUES, max_size=6),
    behind=st.dictionaries(st.sampled_from(["metadata", "last"]), OBJECTS),
    space=st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]),
    size=st.integers(1, 200),
    is_ascii=st.booleans(),
)
def test_an_answer_is_the_same_in_parts(  # noqa: PLR0913  what a body may be made of
    *,
    before: dict[str, t.Any],
    rows: list[t.Any],
    behind: dict[str, t.Any],
    space: tuple[str, str],
    size: int,
    is_ascii: bool,
) -> None:
    """However large the parts are, whatever rows hold and whatever stands beside them."""
    body = {**before, "elements": rows, **behind}
    sent = json.dumps(body, separators=space, ensure_ascii=is_ascii).encode()
    content, replaced = responses.with_loadable_text(sent)
    whole = [bytes(raw) for raw in responses.finder(content).elements]
    assert parts(sent, size) == (whole, replaced)
    for end in (len(sent) - 1, len(sent) // 2):
        with pytest.raises(msgspec.DecodeError):
            parts(sent[:end], size)


def test_little_of_an_answer_is_looked_at_at_once() -> None:
    """Rows that hold objects and lists, as those of reports do, make parts no larger."""
    row = {"dateRange": {"start": {"day": 1}}, "pivotValues": ["urn:li:x:1"], "list": [{}, {}]}
    content = json.dumps({"paging": {"links": [{}, {}]}, "elements": [row] * 500}).encode()
    asked = list[int]()

    def read(start: int, length: int) -> bytes:
        asked.append(length)
        return content[start : start + length]

    with mock.patch.object(responses, "_PART", 2000):
        found = responses.parts(read, len(content), responses.RAW)
        assert sum(len(part.rows) for part in found) == 500
    assert set(asked) == {2000}


def test_a_row_of_many_objects_is_not_looked_through() -> None:
    """To decode a part for each of them would take minutes: more is read, and all rows come."""
    content = json.dumps({"elements": [{"a": [{}] * 2000}] * 50}).encode()
    with mock.patch.object(responses, "finder", wraps=responses.finder) as decode:
        assert len(parts(content, 5000)[0]) == 50
    assert decode.call_count < 300


def test_an_object_may_count_as_a_row() -> None:
    """Where a resource answers with one."""
    (raw,) = responses.single(b'{"id":5,"n":1.50}').elements
    assert responses.row(raw) == {"id": 5, "n": Decimal("1.50")}
    for body in (b"[1]", b'{"id"', b""):
        with pytest.raises(msgspec.DecodeError):
            responses.single(body)


def test_a_batch_has_objects_and_errors_by_key() -> None:
    """Errors may be missing."""
    found = responses.batch(b'{"results":{"1":{"id":1}},"errors":{"2":{"status":404}}}')
    assert {key: responses.row(raw) for key, raw in found.results.items()} == {"1": {"id": 1}}
    assert responses.beside_rows(found.errors) == {"2": {"status": 404}}
    assert responses.beside_rows(responses.batch(b'{"results":{}}').errors) == {}


@pytest.mark.parametrize("beside", ["metadata", "paging"])
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"total":5}', {"total": 5}),
        (f'{{"total":{"9" * 5000}}}', {"total": "9" * 5000}),
        ("[1]", {}),
        ("null", {}),
    ],
    ids=["object", "endless integer", "list", "null"],
)
def test_nothing_beside_the_rows_costs_them(beside: str, text: str, read: object) -> None:
    """Rows are read whatever an answer says of them."""
    found = responses.finder(f'{{"elements":[{{"id":1}}],"{beside}":{text}}}'.encode())
    assert [responses.row(raw) for raw in found.elements] == [{"id": 1}]
    assert responses.beside_rows(getattr(found, beside)) == read


@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        (f"1e{MOST_DIGITS - 1}", True),
        (f"1e{MOST_DIGITS}", False),
        (f"1e-{MOST_DIGITS - 1}", True),
        (f"1e-{MOST_DIGITS}", False),
        ("9" * (MOST_DIGITS - 1) + ".5", True),
        ("9" * MOST_DIGITS + ".5", True),
        ("9" * (MOST_DIGITS + 1) + ".5", False),
        ("0e5", True),
        ("1.50", True),
        ("-0.0", True),
        ("soon", False),
        ("NaN", False),
        ("Infinity", False),
    ],
    ids=lambda value: str(value)[:12] + str(len(str(value))),
)
def test_numbers_that_loaders_hold_are_numbers(text: str, *, is_held: bool) -> None:
    """With every digit; others stay text."""
    found = responses.number(text)
    assert isinstance(found, Decimal) == is_held
    assert str(found) == str(Decimal(text)) if is_held else found == text


def test_a_row_with_an_endless_integer_is_read() -> None:
    """The integer is text, other numbers are as in any row; what is no object is refused."""
    digits = "9" * 5000
    shorter = "9" * MOST_DIGITS
    found = responses.row(f'{{"a":{digits},"b":{shorter},"c":1.50,"d":[7]}}'.encode())
    assert found == {"a": digits, "b": int(shorter), "c": Decimal("1.50"), "d": [7]}
    assert isinstance(found["c"], Decimal)
    for body in (b"[1]", b'"x"', f"[{digits}]".encode()):
        with pytest.raises(msgspec.DecodeError):
            responses.row(body)
