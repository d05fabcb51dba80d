"""Every digit and every instant survives target-postgres as meltano.yml sets it up."""

from __future__ import annotations

import json
import typing as t
from decimal import Decimal

import pytest
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib import RecordMessage

if t.TYPE_CHECKING:
    from tests.postgres import Loader

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.postgres"]

# As LinkedIn may send them, beside what PostgreSQL must hold.
DIGITS = [
    ("12345678901.123456789", "12345678901.123456789"),
    ("1234567890.0123456789", "1234567890.0123456789"),
    ("0.12345678901234567890", "0.12345678901234567890"),
    ("12345678901234567890.12", "12345678901234567890.12"),
    ("99.99999999999996", "99.99999999999996"),
    ("-2E-18", "-0.000000000000000002"),
    ("0E-18", "0.000000000000000000"),
    ("0", "0"),
    ("5", "5"),
]
SCHEMA = {
    "type": "SCHEMA",
    "stream": "figures",
    "schema": {
        "properties": {
            "id": {"type": "integer"},
            "cost": {"type": ["number", "null"]},
            "read_at": {"type": ["string", "null"], "format": "date-time"},
        }
    },
    "key_properties": ["id"],
}


def test_writer_keeps_every_digit_in_a_json_number(capfd: pytest.CaptureFixture[str]) -> None:
    """The SDK's fast writer prints a Decimal as a JSON number, digit by digit."""
    texts = [sent for sent, _ in DIGITS]
    record = {"costs": [Decimal(text) for text in texts]}
    MsgSpecWriter().write_message(RecordMessage(stream="figures", record=record))
    assert f'"costs":[{",".join(texts)}]' in capfd.readouterr().out


def test_loader_keeps_every_digit(loader: Loader) -> None:
    """A JSON number with 20 digits fills a NUMERIC column unchanged, also the second time."""
    messages = [json.dumps(SCHEMA), *map(_record, range(len(DIGITS)))]
    for _ in range(2):
        loader.load(messages, "digits")
        rows = loader.query("select cost::text from digits.figures order by id")
        assert [row[0] for row in rows] == [stored for _, stored in DIGITS]


def test_loader_with_copy_would_lose_digits(loader: Loader) -> None:
    """The reason for `use_copy: false`; when this fails, COPY can be switched on."""
    loader.load([json.dumps(SCHEMA), _record(0)], "copied", use_copy=True)
    assert loader.query("select cost::text from copied.figures") == [("12345678901.123457",)]


def test_loader_keeps_instants_in_utc(loader: Loader) -> None:
    """A server in another time zone still stores the UTC instant that the tap sent."""
    record = {"id": 1, "read_at": "2026-01-02T03:04:05.678000Z"}
    loader.load([json.dumps(SCHEMA), _message(json.dumps(record))], "instants")
    assert loader.query("select read_at::text from instants.figures") == [
        ("2026-01-02 03:04:05.678",)
    ]


def _record(number: int) -> str:
    """Write the JSON by hand, so that no library rounds what is tested."""
    return _message(f'{{"id": {number}, "cost": {DIGITS[number][0]}}}')


def _message(record: str) -> str:
    return f'{{"type": "RECORD", "stream": "figures", "record": {record}}}'
