"""LinkedIn's two page styles: cursor (``pageToken``) and index (``start`` and ``count``).

LinkedIn's rules: LI-8, LI-9, LI-12.
"""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Mapping

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.workers import in_parallel

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from tap_linkedin_ads.api.client import Client
    from tap_linkedin_ads.api.request import Request
    from tap_linkedin_ads.api.workers import PageSequence, Workers

MOST_EMPTY = 6
"""Empty answers in a row that name a next page, before paging counts as endless."""
_MOST_EMPTY_PAGES = 100
_TOKEN = "pageToken"  # noqa: S105  the name of a parameter
Ask = t.Callable[[], responses.FinderAnswer]


def endless(why: str, request: Request) -> RequestFailedError:
    """Return the error that ends paging which would never end."""
    message = f"{why}, so paging would never end: run the tap again, and report it if that stays"
    return RequestFailedError(Failure(Remedy.SET_ASIDE, 0, message), request.resource)


def total_of(answer: responses.FinderAnswer) -> int:
    """Return the total that a page by position tells; 0 where it tells none (LinkedIn's -1)."""
    total = responses.beside_rows(answer.paging).get("total")
    return max(total, 0) if isinstance(total, int) else 0


def names_next(answer: responses.FinderAnswer, start: int) -> bool:
    """Whether a page by position links to a next one, or its total says that more follows.

    Args:
        answer: The page.
        start: The position that it was asked for.
    """
    if total_of(answer) > start + len(answer.elements):
        return True
    links = responses.beside_rows(answer.paging).get("links")
    return any(
        isinstance(link, Mapping) and link.get("rel") == "next"
        for link in (links if isinstance(links, list) else [])
    )


def count_of(answer: responses.FinderAnswer, size: int) -> int:
    """Return how far a page by position reaches: LinkedIn may give fewer than were asked for.

    A count below the rows that came is one of those that mislead.
    """
    count = responses.beside_rows(answer.paging).get("count")
    return count if type(count) is int and max(len(answer.elements), 1) <= count < size else size


class CursorPages:
    """Pages that name the next one by ``metadata.nextPageToken``.

    The last page has an empty ``metadata``, a null token or no ``metadata`` at all; a page may be
    short or empty and still name a next one. Where LinkedIn refuses the page size behind the first
    page, rows come again from the first one on: a token is bound to the size it was given for.
    """

    def __init__(self, client: Client, request: Request, page_size: int) -> None:
        """Read ``request`` in pages of ``page_size`` rows."""
        self._client = client
        self._request = request.with_parameters({"pageSize": page_size})
        self._sent = self._request
        self._seen: set[str] = set()
        self._previous: list[t.Any] | None = None
        self._empty = 0

    def one_row(self) -> Request:
        return self._request.with_parameters({"pageSize": 1})

    def first(self) -> Ask:
        return functools.partial(self._ask, self._request)

    def _ask(self, request: Request) -> responses.FinderAnswer:
        """Ask for a page; where its size is refused, LinkedIn's first page comes again, smaller."""
        self._sent, answer = self._client.fetch_adapted(request, responses.finder)
        if _TOKEN not in self._sent.parameters:
            self._seen.clear()
            self._previous = None
        return answer

    def following(self, answer: responses.FinderAnswer) -> Ask | None:
        token = responses.beside_rows(answer.metadata).get("nextPageToken")
        if not token:
            return None
        token = str(token)
        self._empty = 0 if answer.elements else self._empty + 1
        if token in self._seen or self._empty > _MOST_EMPTY_PAGES:
            return self._endless
        if answer.elements and answer.elements == self._previous:
            return self._endless
        self._seen.add(token)
        self._previous = answer.elements
        request = self._sent.with_parameters({_TOKEN: token})
        return functools.partial(self._ask, request)

    def _endless(self) -> responses.FinderAnswer:
        raise endless("a page repeats itself or its page token", self._request)


class IndexPages:
    """Pages by position.

    A next page exists where LinkedIn links one (``rel=next``) or ``total`` is larger than what was
    read, and is also asked for behind a full page, because links and ``total`` were both seen
    missing. The link itself is never followed. An empty page that names a next one is asked for
    twice before it is believed.
    """

    def __init__(self, client: Client, request: Request, page_size: int) -> None:
        """Read ``request`` in pages of ``page_size`` rows."""
        self._client = client
        self._request = request
        self._size = page_size
        self._start = 0
        self._previous: list[t.Any] | None = None
        self._empty = 0

    def one_row(self) -> Request:
        return self._request.with_parameters({"start": 0, "count": 1})

    def first(self) -> Ask:
        return self._page()

    def following(self, answer: responses.FinderAnswer) -> Ask | None:
        linked = names_next(answer, self._start)
        if linked and not answer.elements:
            return self._behind_empty(count_of(answer, self._size))
        self._empty = 0
        if answer.elements == self._previous:
            return None  # the resource ignores ``start``: everything was in the first page
        self._previous = answer.elements
        size, total = count_of(answer, self._size), total_of(answer)
        read = self._start + len(answer.elements)
        if not linked and (len(answer.elements) < size or 0 < total <= read):
            return None
        self._start += size
        return self._page()

    def _behind_empty(self, size: int) -> Ask:
        """Return the request behind an empty page that names a next one: first, itself again."""
        self._empty += 1
        if self._empty > MOST_EMPTY:
            return self._endless
        if not self._empty % 2:
            self._start += size
        return self._page()

    def _endless(self) -> responses.FinderAnswer:
        raise endless("one empty page after the other names a next one", self._request)

    def _page(self) -> Ask:
        request = self._request.with_parameters({"start": self._start, "count": self._size})
        return functools.partial(self._ask, request)

    def _ask(self, request: Request) -> responses.FinderAnswer:
        sent, answer = self._client.fetch_adapted(request, responses.finder)
        self._size = int(str(sent.parameters["count"]))
        return answer


class OnePage:
    """A request whose answer is complete in itself."""

    def __init__(
        self,
        client: Client,
        request: Request,
        decode: t.Callable[[bytes], responses.FinderAnswer] = responses.finder,
    ) -> None:
        """Read ``request`` once."""
        self._request = request
        self._ask: Ask = functools.partial(client.fetch, request, decode)

    def one_row(self) -> Request:
        return self._request

    def first(self) -> Ask:
        return self._ask

    def following(self, _: responses.FinderAnswer) -> None:
        """Return None: there is nothing more."""


def rows_of(pages: PageSequence, workers: Workers) -> Iterator[msgspec.Raw]:
    """Yield the rows of all pages.

    Raises:
        RequestFailedError: A page cannot be read.
    """
    for page in in_parallel([pages], workers):
        yield from page.answer().elements
