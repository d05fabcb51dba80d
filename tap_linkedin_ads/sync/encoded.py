"""Records that are JSON text already, and when they may be written as they are."""

from __future__ import annotations

import typing as t
from decimal import Decimal

import msgspec
from singer_sdk.helpers._util import utc_now
from singer_sdk.mapper import SameRecordTransform

from tap_linkedin_ads.sync.messages import MessageWriter

if t.TYPE_CHECKING:
    from singer_sdk import Stream
    from singer_sdk.helpers.types import Record

_decoder = msgspec.json.Decoder(dict[str, t.Any], float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class EncodedRecord:
    """One record as JSON text; it can be asked for its owner like a dictionary."""

    __slots__ = ("owner", "text")

    def __init__(self, owner: int, text: bytes) -> None:
        self.owner = owner
        self.text = text

    def get(self, _: str) -> int:
        """Return the ad account, the only column that is asked for."""
        return self.owner

    def decoded(self) -> Record:
        """Return the record as a dictionary, with every digit."""
        record: Record = _decoder.decode(self.text)
        return record


class RecordLines:
    """Writes encoded records of one stream as Singer messages."""

    def __init__(self, stream: Stream, writer: MessageWriter) -> None:
        self._writer = writer
        self._begin = b'{"type":"RECORD","stream":' + _encoder.encode(stream.name) + b',"record":'

    def write(self, record: EncodedRecord) -> None:
        """Write one record."""
        extracted = _encoder.encode(utc_now())
        self._writer.write_line(
            b"".join((self._begin, record.text, b',"time_extracted":', extracted, b"}\n"))
        )


def lines_for(stream: Stream, writer: object) -> RecordLines | None:
    """Return what writes a stream's encoded records, or None where the SDK must see each record.

    Stream maps and flattening work on dictionaries; selection is no reason, since reports ask
    for and encode the selected columns only.
    """
    maps = stream.stream_maps
    plain = (
        len(maps) == 1
        and type(maps[0]) is SameRecordTransform
        and maps[0].stream_alias == stream.name
        and not maps[0].flattening_enabled
    )
    return RecordLines(stream, writer) if plain and isinstance(writer, MessageWriter) else None
