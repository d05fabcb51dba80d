"""The floor: parses saved answers, joins nothing, writes as many bytes as the tap does.

    python floor.py FOLDER BYTES

For every answer: decode it with msgspec, encode every element with msgspec, write. What is written
is cut, or filled up with what was just encoded, so that the bytes in all are those of the tap.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

_PORTION = 64 * 1024


def main(folder: str, size: int) -> None:
    """Parse and write."""
    files = sorted(Path(folder).glob("*.json"))
    whole = sum(file.stat().st_size for file in files)
    decoder, encoder = msgspec.json.Decoder(), msgspec.json.Encoder()
    write = sys.stdout.buffer.write
    read = written = 0
    for file in files:
        body = file.read_bytes()
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
