"""The floor: parses answers, joins nothing, writes as many bytes as the tap does.

    python floor.py FOLDER BYTES
    python floor.py REQUESTS.json BYTES

For every answer, saved in a folder or fetched over one connection: decode it with msgspec, encode
every element with msgspec, write. What is written is cut, or filled up with what was just encoded,
so that the bytes in all are those of the tap.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PORTION = 64 * 1024


def main(source: str, size: int) -> None:
    """Parse and write."""
    place = Path(source)
    if place.is_dir():
        files = sorted(place.glob("*.json"))
        whole = sum(file.stat().st_size for file in files)
        write_rows((file.read_bytes() for file in files), whole, size)
    else:
        asked = json.loads(place.read_text(encoding="utf-8"))
        write_rows(_fetched(asked), asked["size"], size)


def _fetched(asked: dict[str, Any]) -> Iterator[bytes]:
    """Ask again what the tap asked."""
    import requests  # noqa: PLC0415 - the other floor need not load it

    with requests.Session() as session:
        session.headers.update(asked["headers"])
        for path, query in asked["calls"]:
            yield session.post(asked["url"] + path, data=query, timeout=60).content


def write_rows(bodies: Iterable[bytes], whole: int, size: int) -> None:
    """Decode, encode and write.

    Args:
        bodies: The answers.
        whole: Bytes of all of them.
        size: Bytes to write.
    """
    decoder, encoder = msgspec.json.Decoder(), msgspec.json.Encoder()
    write = sys.stdout.buffer.write
    read = written = 0
    for body in bodies:
        read += len(body)
        due = size * read // whole - written
        written += due
        portion = last = bytearray()
        for element in decoder.decode(body)["elements"]:
            encoder.encode_into(element, portion, len(portion))
            portion += b"\n"
            if len(portion) >= _PORTION:
                due -= write(portion[:due]) if due > 0 else 0
                last, portion = portion, bytearray()
        last = last or portion
        due -= write(portion[:due]) if due > 0 else 0
        while due > 0 and last:
            due -= write(last[:due])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
