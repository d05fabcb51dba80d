"""Ad reports: runs the plan of one report and joins the answers."""

from __future__ import annotations

import collections
import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.room import Room, Shelf
from tap_linkedin_ads.api.workers import LOOK_AHEAD
from tap_linkedin_ads.reporting.intake import read_answer
from tap_linkedin_ads.reporting.merge import Merge
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT
from tap_linkedin_ads.streams.reports.report_requests import RESOURCE
from tap_linkedin_ads.streams.reports.report_rows import ReportRows

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from concurrent.futures import Future

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.evidence import Contradiction
    from tap_linkedin_ads.reporting.intake import OddRows, TakenIn
    from tap_linkedin_ads.reporting.plan import Planner

_MOST_TEXT = 1 * 1024 * 1024
"""Bytes of rows in memory that wait for other field groups."""


class _Asked(t.NamedTuple):
    """A request under way."""

    planner: Planner
    chunk: Chunk
    expected_rows: int
    answer: Future[TakenIn]


class AdReport(ReportRows):
    """One report, read for all ad accounts together where its rows name their ad account."""

    # The run

    @override
    def read(self) -> Iterator[Record]:
        if self.report.variant:
            self.start_anew_unless(self.report.variant, self.report.noted_facets)
        yield from self.read_plans()
        self.directory.names.release(self.entity_streams)
        self.write_state()

    def read_plans(self) -> Iterator[Record]:
        """Yield what the plans give; they are made again with what was learnt from refusals."""
        while (yield from self._read_plan()):
            pass

    def _read_plan(self) -> Generator[Record, None, bool]:
        """Read what is not read yet.

        Returns:
            Whether LinkedIn refuses what was planned, so that the rest is to be planned again.
        """
        for name in ("_readers", "_records", "_totals"):
            self.__dict__.pop(name, None)
        every = list(self.planners())
        self._forget_receipts(every)
        planners = collections.deque(every)
        left = {id(planner): planner.windows_left for planner in planners}
        answered, windows_left = 0, sum(left.values())
        asked: collections.deque[_Asked] = collections.deque()
        shelf = Shelf(Room(_MOST_TEXT))
        blanks = [reader.blank for reader in self._readers]
        merges = {id(planner): Merge(blanks) for planner in every}
        self._top_up(planners, asked, shelf)
        while asked:
            planner = asked[0].planner
            merge = merges[id(planner)]
            if not self._take_in(asked.popleft(), merge):  # nothing else holds the answer
                for ahead in asked:
                    ahead.answer.cancel()
                self.unread = set().union(*(planner.unread for planner in every))
                return True
            self._top_up(planners, asked, shelf)
            key, answered = id(planner), answered + 1
            windows_left -= left[key]
            left[key] = planner.windows_left
            windows_left += left[key]
            self.run.progress.update(self.name, "windows", answered, windows_left)
            yield from self.release(planner, merge)
        return False

    def _top_up(
        self, planners: collections.deque[Planner], asked: collections.deque[_Asked], shelf: Shelf
    ) -> None:
        """Keep all workers busy, with requests of the foremost planners first.

        Small answers are asked for ahead, so that a slow one does not hold up the workers; full
        ones are not, so that no more wait than there are workers. It takes what is known of the
        rows, not what is in already: the same answers give the same requests.
        """
        width = self.run.workers.width
        while len(asked) < width or (
            len(asked) < LOOK_AHEAD * width
            and sum(ahead.expected_rows for ahead in asked) <= ELEMENT_LIMIT * (width - 1)
        ):
            while planners and planners[0].done:
                planners.popleft()
            foremost = (planner for _, planner in zip(range(width), planners, strict=False))
            found = next(
                ((p, chunk) for p in foremost if (chunk := p.next_chunk()) is not None), None
            )
            if found is None:
                return
            planner, chunk = found
            expected_rows = planner.expected_rows(chunk)
            read = functools.partial(
                read_answer,
                report=self.layout.report,
                chunk=chunk,
                reader=self._readers[chunk.group_number],
                put=shelf.put,
            )
            fetch = functools.partial(
                self.run.client.fetch_report,
                self.request(chunk),
                read,
                names=len(self.layout.groups[chunk.group_number].fields),
                expected_rows=expected_rows,
                is_part=chunk.is_part_of_failure,
            )
            answer = self.run.workers.submit(fetch)
            asked.append(_Asked(planner, chunk, expected_rows, answer))

    # What came back

    def _take_in(self, asked: _Asked, merge: Merge) -> bool:
        """Take in an answer; return False where the report is to be planned again."""
        planner, chunk = asked.planner, asked.chunk
        try:
            answer = asked.answer.result()
        except RequestFailedError as error:
            if self.learn(chunk, asked.expected_rows, error.failure):
                return False
            self._refused(planner, chunk, error)
            return True
        self.directory.refusals.answered(self.report.finder)
        self._take_in_rows(planner, chunk, answer, merge)
        return True

    def _take_in_rows(self, planner: Planner, chunk: Chunk, answer: TakenIn, merge: Merge) -> None:
        is_cut, tally = answer.rows >= ELEMENT_LIMIT, answer.tally()
        merge.add(answer.sheets)
        if not is_cut and not self._takes_odd_rows(planner, chunk, answer.odd):
            return
        if is_cut:
            self.logger.info(
                "An answer reached LinkedIn's limit of %d rows (%s to %s, %d ad accounts): asking "
                "again in smaller pieces.",
                ELEMENT_LIMIT,
                chunk.window.start,
                chunk.window.end,
                len(chunk.accounts),
            )
            account = planner.too_large(chunk, tally)
            if account is not None:
                self._cannot_cut(account, chunk)
            return
        contradictions = (
            planner.named(chunk, tally.by_campaign)
            if chunk.lists_campaigns
            else planner.whole(chunk, tally)
        )
        for contradiction in contradictions:
            self._cannot_believe(contradiction)

    def _takes_odd_rows(self, planner: Planner, chunk: Chunk, odd: OddRows) -> bool:
        """Note the rows that are left out and the values that are null, each by its ad account.

        Returns:
            False where nobody knows whose row is left out: the ad accounts are asked for again in
            halves to find it.
        """
        if any(account is None for account, _ in odd.without_key):
            planner.refused(chunk)
            return False
        for account, why in odd.without_key:
            self.set_aside(account, f"LinkedIn sent {why}")
        if not chunk.lists_campaigns:
            for account, day, key, found in odd.unreadable:
                facts = self.records_for(planner).key_of(account, day, key)
                self.accept(account, {c: facts.get(c) for c in self.primary_keys}, [found])
        return True

    def _refused(self, planner: Planner, chunk: Chunk, error: RequestFailedError) -> None:
        """Look for the ad account on which a request fails, and set it aside.

        It may be a refusal, or an error of LinkedIn's own that stays however often it is asked.
        """
        one_account = {Remedy.SET_ASIDE, Remedy.FIX_REQUEST, Remedy.BACK_OFF}
        if error.failure.remedy not in one_account or error.failure.scope_missing:
            raise error
        account = planner.refused(chunk)
        if account is not None:
            self.owner_failed(account, error)

    def _cannot_cut(self, account: int, chunk: Chunk) -> None:
        what = "its list of campaigns" if chunk.lists_campaigns else "this ad account"
        what = f"campaign {chunk.campaigns[0]}" if chunk.campaigns else what
        advice = (
            "demographics_level campaign asks for each campaign alone"
            if self.report.is_demographic and not self.report.one_campaign_each
            else "a custom report with fewer pivots has fewer rows"
        )
        message = (
            f"{what} has {ELEMENT_LIMIT:,} rows or more from {chunk.window.start} to "
            f"{chunk.window.end}: no smaller request is possible, so this ad account is left as it "
            f"is from that day on; {advice}"
        )
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        self.owner_failed(account, RequestFailedError(failure, RESOURCE))

    def _cannot_believe(self, found: Contradiction) -> None:
        message = (
            f"LinkedIn's answers about {found.day} contradict each other, however often they are "
            f"asked for ({found.first}, then {found.later}): this ad account is left as it is from "
            "that day on; run the tap again later"
        )
        failure = Failure(Remedy.SET_ASIDE, 0, message)
        self.owner_failed(found.account, RequestFailedError(failure, RESOURCE))
