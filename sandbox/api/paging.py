"""Cursor pages (pageSize, pageToken) and index pages (start, count).

Cursor paging since version 202401: a token is opaque, valid for the same request only, and absent
from the last page. Index paging: ``paging`` with start, count, total and a rel=next link.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from sandbox.api import rules
from sandbox.world.world import Wire, urn_id

if TYPE_CHECKING:
    from sandbox.api.request import Request

DEFAULT_PAGE_SIZE = 100
DEFAULT_COUNT = 10
MAX_COUNT = 1000
_ALL = 2_147_483_647


def page_size(request: Request) -> int:
    """Return the page size, clamped to the maximum of the resource."""
    size: int = request.params.get("pageSize", DEFAULT_PAGE_SIZE)
    if size < 1:
        raise rules.invalid("pageSize", "page_size")
    check_entities(request, size)
    return min(size, request.endpoint.max_page)


def check_entities(request: Request, size: int) -> None:
    """Refuse a page of more rows than LinkedIn is able to give at once."""
    if size > request.switches.largest_page:
        raise rules.legacy("too_many_entities", 400, "Request would return too many entities. ")


def _binding(request: Request) -> bytes:
    others = {name: text for name, text in request.raw.items() if name != "pageToken"}
    text = json.dumps([request.path, sorted(others.items())])
    return hashlib.sha256(f"{request.world.seed}{text}".encode()).digest()[:9]


def make_token(request: Request, last: int) -> str:
    """Return the token of the page behind the row with id ``last``."""
    # The leading byte and the padding put '+', '/' and '=' into tokens, all of which a client
    # has to percent-encode.
    body = b"\xfb\xef\xff" + _binding(request) + str(last).encode()
    return base64.b64encode(body + b"." * (1 + (-len(body) - 1) % 3 + 1)).decode()


def read_token(request: Request) -> int | None:
    """Return the id behind which the page starts, None for the first page."""
    token = request.params.get("pageToken")
    if token is None:
        return None
    refusal = rules.invalid("pageToken", "page_token")
    try:
        body = base64.b64decode(token, validate=True)
        last = int(body[12:].rstrip(b"."))
    except ValueError:
        raise refusal from None
    if body[:3] != b"\xfb\xef\xff" or body[3:12] != _binding(request):
        raise refusal
    return last


def _number(row: Wire) -> int:
    return row["id"] if isinstance(row["id"], int) else urn_id(row["id"])


def cursor_page(request: Request, rows: list[Wire]) -> tuple[list[Wire], dict[str, Any]]:
    """Return one page and the rest of the envelope.

    Args:
        request: The request.
        rows: Everything that the search found, ascending by id.

    Returns:
        The rows of the page, and the members of the envelope besides ``elements``.
    """
    size = page_size(request)
    last = read_token(request)
    descending = request.params.get("sortOrder") == "DESCENDING"
    ordered = rows[::-1] if descending else rows
    first = 0
    if last is not None:
        first = _position(ordered, last, descending=descending)
    page = ordered[first : first + size]
    if first + size < len(ordered):
        return page, {"metadata": {"nextPageToken": make_token(request, _number(page[-1]))}}
    # The last page has no token; both ways of leaving it out occur.
    request.memory.last_pages += 1
    return page, {"metadata": {}} if request.memory.last_pages % 2 else {}


def _position(ordered: list[Wire], last: int, *, descending: bool) -> int:
    """Return the index of the first row behind an id, by bisection."""
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        number = _number(ordered[middle])
        if (number >= last) if descending else (number <= last):
            low = middle + 1
        else:
            high = middle
    return low


def index_page(request: Request, rows: list[Wire]) -> tuple[list[Wire], dict[str, Any]]:
    """Return one page of an index-paged finder and the rest of the envelope."""
    start: int = request.params.get("start", 0)
    everything = request.endpoint.everything
    count: int = request.params.get("count", _ALL if everything else DEFAULT_COUNT)
    if "count" in request.params and not 1 <= count <= MAX_COUNT:
        raise rules.legacy("index_range", 400, f"Specified count is larger than {MAX_COUNT}")
    if "count" in request.params:
        check_entities(request, count)
    page = rows[start : start + count]
    links: list[dict[str, str]] = []
    if start + count < len(rows):
        others = "&".join(
            f"{name}={text}" for name, text in request.raw.items() if name not in ("start", "count")
        )
        links.append(
            {
                "rel": "next",
                "type": "application/json",
                "href": f"{request.path}?{others}&start={start + count}&count={count}",
            }
        )
    paging = {"start": start, "count": count, "links": links, "total": len(rows)}
    return page, {"paging": paging}
