"""How ads look: a frame for each creative and placement.

LinkedIn's rule: LI-77.
"""

from __future__ import annotations

import datetime as dt
import functools
import html.parser
import typing as t
from collections.abc import Mapping

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses, urn
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import OnePage
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.room import WaitingAnswer
from tap_linkedin_ads.records.values import (
    TEXT,
    UnreadableValue,
    UnreadableValueError,
    fitting,
    shown,
)
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.metrics import KEY_FIELDS
from tap_linkedin_ads.reporting.parameters import parameters
from tap_linkedin_ads.reporting.periods import ALL
from tap_linkedin_ads.reporting.reports import Report
from tap_linkedin_ads.reporting.rows import pivot_values
from tap_linkedin_ads.reporting.windows import DAY, ELEMENT_LIMIT, Window
from tap_linkedin_ads.streams.ads.campaigns import Creatives
from tap_linkedin_ads.streams.ads.entities import OfEntities
from tap_linkedin_ads.streams.owner_stream import OwnerPages

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    import msgspec
    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.streams.owners import Owner

_RESOURCE = "adPreviews"
_REPORTS = "adAnalytics"
_FRAME_LIVES = dt.timedelta(hours=3)
_SERVED = Report("ad_previews", ("CREATIVE",), granularity=ALL)
_METRICS = ("impressions",)


class _Frame(html.parser.HTMLParser):
    """Finds the address of the first frame in a piece of HTML."""

    address: str | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe" and self.address is None:
            self.address = dict(attrs).get("src")


def frame_address(preview: str) -> str | None:
    """Return the address of the frame that LinkedIn sends as HTML, None where there is none."""
    frame = _Frame()
    frame.feed(preview)
    frame.close()
    return frame.address


def placement_of(value: object) -> str | None:
    """Return where an ad is shown, by LinkedIn's name; None where it is not said.

    A placement is a union of networks. The name of one other than LinkedIn itself stands in front.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or not value:
        return None
    network, inside = next(iter(value.items()))
    kind = inside.get("contentPresentationType") if isinstance(inside, Mapping) else inside
    if network == "linkedin":
        return kind if isinstance(kind, str) else None
    return f"{network} {kind}" if isinstance(kind, str) else str(network)


class AdPreviews(OfEntities):
    """Previews of the creatives that served or were modified since the bookmark.

    An ad account is asked once which creatives served, and then about each creative.
    """

    name = "ad_previews"
    selected_by_default = False
    primary_keys = ("creative_id", "placement")
    replication_key = "read_at"
    asks_about = Creatives

    @functools.cached_property
    @override
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, _RESOURCE)

    @functools.cached_property
    def _served(self) -> dict[int, Future[Sequence[msgspec.Raw]]]:
        """Return the reports under way: which creatives served, by ad account."""
        return {}

    @override
    def first_requests(self, owner: Owner) -> Iterator[Request]:
        yield from super().first_requests(owner)
        yesterday = self.run.today - DAY
        yield self._report(owner.owner_id, Window(yesterday, yesterday))

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        for account in self.together(owner):
            ask = functools.partial(self._rows_of_creatives, account, self._window(account))
            self._served[account] = self.run.workers.submit(ask)
        bookmark = self.bookmarks.instant(owner.owner_id)
        since = self.run.settings.lookback().first_instant(bookmark)
        wanted = {
            creative
            for creative, found in self.entities_of(owner).items()
            if found.modified is None or epoch.parse(found.modified) >= since
        }
        with self.costs_only(owner.owner_id, "creatives that served"):
            wanted |= self._creatives_in(self._served.pop(owner.owner_id).result(), owner)
        for creative in sorted(wanted):
            yield self._of(owner, creative)

    def _window(self, account: int) -> Window:
        """Return the days of which a run reads who served, as a report's."""
        settings = self.run.settings
        first = settings.lookback().first_day(self.bookmarks.day(account))
        oldest = self.run.today - DAY * _SERVED.retention_days
        return Window(max(min(first, settings.end_date), oldest), settings.end_date)

    def _creatives_in(self, rows: Sequence[msgspec.Raw], owner: Owner) -> set[int]:
        """Return the creatives that a report is about; a row that names none is set aside."""
        found = set()
        for raw in rows:
            try:
                (creative, *_) = pivot_values(responses.row(raw))
                number = urn.number(creative)
            except UNREADABLE as error:
                self.set_aside(owner.owner_id, error)
                continue
            if number is None:
                self.set_aside(owner.owner_id, f"a report about {shown(creative)}")
            else:
                found.add(number)
        return found

    def _rows_of_creatives(self, account: int, window: Window) -> Sequence[msgspec.Raw]:
        """Ask which creatives served; by parts of the window where LinkedIn cuts the answer."""
        answer = self.run.client.fetch_report(
            self._report(account, window),
            WaitingAnswer,
            names=len(KEY_FIELDS) + len(_METRICS),
            expected_rows=ELEMENT_LIMIT,
        )
        if answer.rows < ELEMENT_LIMIT:
            return answer.elements
        if window.days == 1:
            message = f"{ELEMENT_LIMIT:,} rows or more on {window.start}: LinkedIn cuts them"
            raise RequestFailedError(Failure(Remedy.SET_ASIDE, 0, message), _REPORTS)
        parts = window.chunks(-(-window.days // 2))
        return [row for part in parts for row in self._rows_of_creatives(account, part)]

    def _report(self, account: int, window: Window) -> Request:
        query = parameters(_SERVED, Chunk(0, window, (account,)), _METRICS)
        return Request(_REPORTS, f"/{_REPORTS}", query, stream=self.name)

    def _of(self, owner: Owner, number: int) -> OwnerPages:
        creative = urn.make("sponsoredCreative", number)
        query = {"q": "creative", "creative": creative, "account": owner.urn}
        request = Request(_RESOURCE, f"/{_RESOURCE}", query, stream=self.name)
        columns = {"creative_id": number, "creative_urn": creative}
        pages = OnePage(self.run.client, request)
        return OwnerPages(owner, pages, columns, about=creative)

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        record: Record = dict.fromkeys(self.effective_schema["properties"])
        preview = fitting("frame_url", wire.get("preview"), TEXT, unreadable)
        address = None if preview is None else frame_address(preview)
        if preview is not None and address is None:
            unreadable.append(UnreadableValue("frame_url", shown(preview), "address of a frame"))
        placement = placement_of(wire.get("placement"))
        if placement is None:
            raise UnreadableValueError(f"a preview at the placement {shown(wire.get('placement'))}")
        read_at = epoch.parse(self.run.read_at)
        record.update(
            placement=placement,
            frame_url=address,
            read_at=self.run.read_at,
            expires_at=(read_at + _FRAME_LIVES).isoformat(timespec="milliseconds"),
        )
        return record

    @override
    def collided(self, owner: Owner, record: Record) -> None:
        """Set aside another preview of the same creative at the same placement."""
        key = {column: record[column] for column in self.primary_keys}
        self.set_aside(owner.owner_id, "two previews at one placement cannot be told apart", key)

    @override
    def complete_through(self, owner: Owner, newest: str) -> str:
        return self.run.read_at
