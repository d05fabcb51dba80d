"""Lifetime statistics of posts: the last twelve months, organic activity only.

Rule LI-67: ``shares`` and ``ugcPosts`` take URNs of their own kind, and a
post without activity is left out of the answer.

LinkedIn's rule: LI-68.
"""

from __future__ import annotations

import functools
import itertools
import typing as t

import msgspec

from tap_linkedin_ads.api import epoch, responses, urn
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.batch_get import Batcher
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.lists import ListParameter, in_parts
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.streams.pages.post_content import STATISTICS, entity_type
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_linkedin_ads.sync.run import Run

_LISTS = {"share": "shares", "ugcPost": "ugcPosts"}
STATISTICS_DAYS = 365
NO_ACTIVITY: Mapping[str, t.Any] = {
    "totalShareStatistics": {
        "uniqueImpressionsCount": 0,
        "shareCount": 0,
        "engagement": 0,
        "clickCount": 0,
        "likeCount": 0,
        "impressionCount": 0,
        "commentCount": 0,
    }
}
_WITHOUT_POST = ""
"""Stands for the post of figures that do not name one that was asked for."""


class PostStatistics:
    """Asks for the statistics of one page's posts, fifty a request and kind."""

    def __init__(
        self,
        run: Run,
        organization: int,
        stream: str,
        set_aside: Callable[[str], None],
    ) -> None:
        """Ask on behalf of a stream.

        Args:
            run: The present run.
            organization: The page.
            stream: The stream that asks.
            set_aside: Hears of figures of which nobody knows which post they are of.
        """
        self._run = run
        self._organization = organization
        self._is_refused = False
        self._set_aside = set_aside
        self._stream = stream
        self._batchers = {
            kind: Batcher[responses.Wire](functools.partial(self._ask, kind), run.workers)
            for kind in _LISTS
        }

    def want(self, post: str) -> None:
        """Take note of a post's URN; every call is answered by one ``take``."""
        batcher = self._batchers.get(entity_type(post))
        if batcher and not self._is_refused:
            batcher.want(post)

    def send(self) -> None:
        """Ask for everything that is waiting."""
        for batcher in self._batchers.values():
            batcher.send()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        for batcher in self._batchers.values():
            batcher.settle()

    def is_there(self, post: str) -> bool:
        """Whether a post's statistics can be taken without waiting."""
        batcher = self._batchers.get(entity_type(post))
        return batcher is None or not batcher.is_wanted(post) or batcher.is_there(post)

    def take(self, post: str, published: int | None) -> Mapping[str, t.Any] | None:
        """Return a post's statistics.

        Args:
            post: The post's URN.
            published: When it was published, in milliseconds; None for a draft.

        Returns:
            What LinkedIn sent. Where it left the post out: zeros up to 365 days after publication,
            None (nothing is known) later, for what was never published, and where the token or
            the member may read posts but not their statistics.

        Raises:
            RequestFailedError: The request failed.
        """
        batcher = self._batchers.get(entity_type(post))
        if not batcher or not batcher.is_wanted(post):
            return None
        try:
            answer = batcher.take(post) or {}
        except RequestFailedError as error:
            if error.failure.remedy not in {Remedy.SET_ASIDE, Remedy.FIX_REQUEST}:
                raise
            self._refuse(error)
            return None
        if post in answer:
            return answer[post]
        if _WITHOUT_POST in answer:
            self._set_aside(f"{STATISTICS}: LinkedIn sent figures without their post")
            return None  # they may be this one's
        if published is None:
            return None
        age = self._run.today - epoch.day_of(published)
        return NO_ACTIVITY if age.days <= STATISTICS_DAYS else None

    def _refuse(self, error: RequestFailedError) -> None:
        """Say once that posts come without statistics; nothing more is asked."""
        if self._is_refused:
            return
        self._is_refused = True
        reason = f"posts come without statistics: {explain(error.failure, error.resource)}"
        listed = self._run.settings.organization_ids is not None
        # A role that reads posts but no statistics is enough to list a page; a scope can be had.
        is_failure = listed and error.failure.scope_missing
        severity = Severity.FAILED if is_failure else Severity.WARNING
        log = self._run.log.error if is_failure else self._run.log.warning
        log("Page %d: %s", self._organization, reason)
        self._run.report.note(self._stream, self._organization, reason, severity)

    def _ask(self, kind: str, posts: list[str]) -> dict[str, responses.Wire]:
        found: dict[str, responses.Wire] = {}
        ask = functools.partial(self._ask_some, kind)
        parameter = ListParameter(STATISTICS, _LISTS[kind])
        answers = in_parts(self._run.client, parameter, posts, ask)
        for raw in itertools.chain.from_iterable(answer.elements for _, answer in answers):
            try:
                row = responses.row(raw)
            except (msgspec.DecodeError, RecursionError):
                row = {}
            post = row.get(kind)
            found[post if isinstance(post, str) and post in posts else _WITHOUT_POST] = row
        return found

    def _ask_some(self, kind: str, posts: Sequence[str]) -> responses.FinderAnswer:
        parameters = {
            "q": "organizationalEntity",
            "organizationalEntity": urn.make("organization", self._organization),
            _LISTS[kind]: posts,
        }
        request = Request(STATISTICS, f"/{STATISTICS}", parameters, stream=self._stream)
        return self._run.client.fetch(request, responses.finder)
