"""Campaigns, creatives and the like, for streams that show their names or ask about each.

They come from what this run has read already, or are looked up once for an ad account that has
rows, and only where a report has such a column selected.
"""

from __future__ import annotations

import collections
import typing as t

import msgspec

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.api.workers import in_parallel
from tap_linkedin_ads.records.values import TEXT, fitting_or_none, shown
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tap_linkedin_ads.api.finders import AccountFinder
    from tap_linkedin_ads.sync.run import Run


_INSTANT = {"type": "string", "format": "date-time"}


class Entity(t.NamedTuple):
    """What other streams show or want to know of an entity.

    Attributes:
        name: Its name.
        parent_urn: URN of its campaign group.
        kind: Its type, as LinkedIn sends it.
        modified: When it was modified last, in UTC.
    """

    name: str | None
    parent_urn: str | None = None
    kind: str | None = None
    modified: str | None = None


class EntityNames:
    """Names by entity stream, ad account and id, kept while a report still needs them."""

    def __init__(self, run: Run, finders: Mapping[str, AccountFinder]) -> None:
        self._run = run
        self._finders = finders
        self._known: dict[tuple[str, int], dict[int, Entity]] = {}
        self._being_read: dict[tuple[str, int], dict[int, Entity]] = collections.defaultdict(dict)
        self._noted: set[tuple[str, int, Severity]] = set()
        self._readers: collections.Counter[str] = collections.Counter()
        self.incomplete: dict[tuple[str, int], str] = {}
        """Entity streams and ad accounts of which not all could be read, and why."""

    def expect(self, entity_streams: Collection[str]) -> None:
        """Announce a report that will ask for these entities' names."""
        self._readers.update(entity_streams)

    def learn(self, entity_stream: str, account: int, wire: responses.Wire) -> None:
        """Take in an entity that is being read anyway, where a report will want its name."""
        if not self._readers[entity_stream]:
            return
        key = urn.number(str(wire.get("id")))
        if key is not None:
            name, parent = wire.get("name"), wire.get("campaignGroup")
            self._being_read[entity_stream, account][key] = Entity(
                fitting_or_none(name, TEXT),
                parent if isinstance(parent, str) else None,
                fitting_or_none(wire.get("type"), TEXT),
                fitting_or_none(wire.get("lastModifiedAt"), _INSTANT),
            )

    def completed(self, entity_stream: str, account: int) -> None:
        """Note that all of an ad account's entities were taken in."""
        if self._readers[entity_stream]:
            found = self._being_read.pop((entity_stream, account), {})
            self._known[entity_stream, account] = found

    def look_up(self, entity_streams: Collection[str], accounts: Collection[int], by: str) -> None:
        """Read the names of ad accounts that are not known yet, side by side.

        Args:
            entity_streams: Which entities' names are wanted.
            accounts: Ad accounts that have rows.
            by: The report that wants them.
        """
        missing = [
            (stream, account)
            for account in sorted(accounts)
            for stream in entity_streams
            if (stream, account) not in self._known
        ]
        stopped: set[str] = set()
        walks = {
            self._finders[stream].pages(self._run.client, account, by): (stream, account)
            for stream, account in missing
        }
        for page in in_parallel(walks, self._run.workers):
            stream, account = walks[page.sequence]
            try:
                for raw in page.answer().elements:
                    self._learn_alone(stream, account, raw, by)
            except RequestFailedError as error:
                if error.failure.remedy is Remedy.STOP:
                    raise
                self._note(by, stream, account, error, stopped)
            except UNREADABLE as error:
                failure = Failure(
                    Remedy.FIX_REQUEST, 0, f"what LinkedIn sent cannot be read: {error}"
                )
                self._note(by, stream, account, RequestFailedError(failure, stream), stopped)
            if page.is_last:
                self.completed(stream, account)

    def _learn_alone(self, stream: str, account: int, raw: msgspec.Raw, by: str) -> None:
        """Take in an entity that no stream reads: what is odd about it is said here."""
        try:
            wire = responses.row(raw)
        except (msgspec.DecodeError, RecursionError):
            wire = {}
        self.learn(stream, account, wire)
        parent = wire.get("campaignGroup")
        is_known = urn.number(str(wire.get("id"))) is not None
        if not is_known or not isinstance(parent, str | None):
            sent = shown(parent if is_known else wire.get("id"))
            why = f"names of {stream} are missing: LinkedIn sent {sent} for one"
            if not is_known:
                self.incomplete[stream, account] = why
            self._note_once(by, account, why, Severity.WARNING if is_known else Severity.FAILED)

    def _note_once(self, by: str, account: int, why: str, severity: Severity) -> None:
        if (by, account, severity) not in self._noted:
            self._noted.add((by, account, severity))
            self._run.log.warning("%s, ad account %d: %s", by, account, why)
            self._run.report.note(by, account, why, severity)

    def _note(
        self,
        by: str,
        stream: str,
        account: int | None,
        error: RequestFailedError,
        stopped: set[str],
    ) -> None:
        """Note that rows come without names, once where no ad account's can be read."""
        if account is not None:
            self.incomplete[stream, account] = error.failure.message
        if error.failure.remedy in {Remedy.STOP_RESOURCE, Remedy.OUTAGE}:
            if stream in stopped:
                return
            stopped.add(stream)
            account = None
        self._run.note_missing_names(by, account, f"names of {stream}", error)

    def get(self, entity_stream: str, account: int, key: int | None) -> Entity:
        """Return what is known of an entity; names are None where nothing is."""
        if key is None:
            return Entity(None)
        return self._known.get((entity_stream, account), {}).get(key, Entity(None))

    def knows(self, entity_stream: str, account: int) -> bool:
        """Whether an ad account's entities were asked for already."""
        return (entity_stream, account) in self._known

    def of_account(self, entity_stream: str, account: int) -> dict[int, Entity]:
        """Return an ad account's entities by id, in order, as far as they were read."""
        return dict(sorted(self._known.get((entity_stream, account), {}).items()))

    def forget(self, entity_streams: Collection[str], accounts: Collection[int]) -> None:
        """Forget ad accounts' names that only the asking stream wanted."""
        for stream in entity_streams:
            if self._readers[stream] <= 1:
                for account in accounts:
                    self._known.pop((stream, account), None)

    def release(self, entity_streams: Collection[str]) -> None:
        """Forget names that no further report wants, once a report is done."""
        self._readers.subtract(entity_streams)
        for key in [key for key in self._known if not self._readers[key[0]]]:
            del self._known[key]
