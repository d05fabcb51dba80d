"""How often and how long the videos of posts are played, by day.

LinkedIn's rules: LI-63, LI-85.
"""

from __future__ import annotations

import collections
import datetime as dt
import functools
import typing as t
from dataclasses import dataclass

from typing_extensions import override

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.records import paths
from tap_linkedin_ads.streams.pages import page_figures
from tap_linkedin_ads.streams.pages.buckets import LEAST_LOOKBACK_DAYS, Range
from tap_linkedin_ads.streams.pages.post_activity import (
    MOST_REFUSALS,
    Answer,
    PostActivity,
    is_of_everybody,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api import restli
    from tap_linkedin_ads.records.entity import UnreadableValue
    from tap_linkedin_ads.sync.post_lists import ListedPost

_RESOURCE = "videoAnalytics"
_RETENTION = dt.timedelta(days=180)
"""LinkedIn keeps the figures of videos for six months."""
_Found = dict[str, responses.FinderAnswer | Exception]


@dataclass(eq=False, slots=True)
class _Asked:
    """All figures of one post's video on some days."""

    post: ListedPost
    days: Range
    ask: Callable[[ListedPost, Range], _Found]

    def first(self) -> Callable[[], _Found]:
        """Return what asks for them."""
        return functools.partial(self.ask, self.post, self.days)

    def following(self, _: _Found) -> None:
        """Return None: there is nothing more."""


class PostVideoStatistics(PostActivity):
    """Views, viewers and time watched of each post's video, by day.

    A figure is a request, so those that are not selected are not asked for. A figure that LinkedIn
    refuses costs its column; the bookmark stays.
    """

    name = "post_video_statistics"
    primary_keys = ("post_urn", "metric_date")
    replication_key = "metric_date"
    resource = _RESOURCE

    @property
    @override
    def through(self) -> str:
        return self._last_day.isoformat()

    @functools.cached_property
    def _last_day(self) -> dt.date:
        """Return the last day to ask for; the present one is never complete."""
        return min(self.run.settings.end_date, self.run.today - dt.timedelta(days=1))

    @functools.cached_property
    def _figures(self) -> tuple[str, ...]:
        """Return what to ask for; with no figure selected, that which says which rows exist."""
        return tuple(column.path for column in self.declared()) or ("VIDEO_VIEW",)

    @functools.cached_property
    def _answered_figures(self) -> set[str]:
        return set()

    @functools.cached_property
    def _refused_figures(self) -> dict[str, list[Exception]]:
        return collections.defaultdict(list)

    @functools.cached_property
    def _told(self) -> set[tuple[int, str]]:
        """Return the figures of pages that were said to be missing."""
        return set()

    @override
    def is_asked(self, post: ListedPost) -> bool:
        return post.is_video and self._first_day(post.organization) <= self._last_day

    def _first_day(self, organization: int) -> dt.date:
        return max(self._wanted_day(organization), self.run.today - _RETENTION)

    def _wanted_day(self, organization: int) -> dt.date:
        """Return the first day to ask for, if LinkedIn still had it."""
        settings = self.run.settings
        lookback = settings.lookback(max(settings.lookback_window, LEAST_LOOKBACK_DAYS))
        return lookback.first_day(self.bookmarks.day(organization))

    def _warn_of_retention(self, pages: set[int]) -> None:
        """Warn once of days that were asked for and that LinkedIn does not keep."""
        wanted = [
            self._wanted_day(page)
            for page in pages
            if self.run.settings.start_date_is_set or self.bookmarks.get(page)
        ]
        earliest = self.run.today - _RETENTION
        if min(wanted, default=earliest) < earliest:
            self.logger.warning(
                "LinkedIn keeps figures of videos for %d days, so %s is the first day that can be "
                "read; %s was asked for.",
                _RETENTION.days,
                earliest,
                min(wanted),
            )

    @override
    def answers(self, posts: Sequence[ListedPost]) -> Iterator[Answer]:
        self._warn_of_retention({post.organization for post in posts})
        behind = self._last_day + dt.timedelta(days=1)
        asked = (
            _Asked(post, Range(self._first_day(post.organization), behind), self._ask)
            for post in self.worth_asking(posts)
        )
        for found in in_parallel(asked, self.run.workers):
            get = functools.partial(_with_days, found.sequence.days, found.answer)
            yield Answer(found.sequence.post, get)

    def _ask(self, post: ListedPost, days: Range) -> _Found:
        """Ask for each figure of a video, in a thread of the workers.

        Raises:
            RequestFailedError: LinkedIn gives none of them, or the failure concerns all posts.
        """
        found: _Found = {}
        for figure in self._figures:
            refusals = self._refused_figures[figure]
            if figure not in self._answered_figures and len(refusals) >= MOST_REFUSALS:
                found[figure] = refusals[0]
                continue
            parameters: dict[str, restli.Value] = {
                "q": "entity",
                "entity": post.urn,
                "type": figure,
                "aggregation": "DAY",
                "timeRange": days.milliseconds,
            }
            request = Request(_RESOURCE, f"/{_RESOURCE}", parameters, stream=self.name)
            try:
                found[figure] = self.run.client.fetch(request, responses.finder)
                self._answered_figures.add(figure)
            except UNREADABLE as error:
                if is_of_everybody(error):
                    raise
                found[figure] = error
        errors = {figure: e for figure, e in found.items() if isinstance(e, Exception)}
        if len(errors) == len(found):
            raise next(iter(errors.values()))
        for figure, refusal in errors.items():  # of a post of which LinkedIn gives others
            self._refused_figures[figure].append(refusal)
        return found

    @override
    def records(self, post: ListedPost, answer: tuple[Range, _Found]) -> Iterator[Record]:
        days, found = answer
        elements: dict[str, list[responses.Wire]] = {}
        for figure, part in found.items():
            if not isinstance(part, Exception):
                elements[figure] = list(self._rows(post, part))
            elif (post.organization, figure) not in self._told:
                self._told.add((post.organization, figure))
                with self.costs_only(post.organization, f"figures of {figure} are missing"):
                    raise part
        without_key = functools.partial(self.set_aside, post.organization)
        asked = dict.fromkeys(elements, days)
        for day, figures in page_figures.joined(elements, asked, without_key):
            record = self.about(post)
            unreadable: list[UnreadableValue] = []
            record["metric_date"] = day.isoformat()
            values = {figure: element.get("value") for figure, element in figures.items()}
            paths.fill(record, values, self.declared(), unreadable)
            if self.accept(post.organization, record, unreadable):
                yield record

    def _rows(self, post: ListedPost, answer: responses.FinderAnswer) -> Iterator[responses.Wire]:
        for raw in answer.elements:
            try:
                yield responses.row(raw)
            except UNREADABLE as error:
                self.set_aside(post.organization, error)


def _with_days(days: Range, answer: Callable[[], _Found]) -> tuple[Range, _Found]:
    return days, answer()
