"""Notes in the run report what a stream could not read, each at the cost of its owner alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import typing as t

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Failure, Remedy, RequestFailedError, TapError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.streams.sdk_stream import SdkStream
from tap_linkedin_ads.sync.run_report import OddRecords, Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.records.entity import UnreadableValue

OF_EVERYBODY = frozenset({Remedy.STOP, Remedy.STOP_RESOURCE, Remedy.OUTAGE})
"""What to do about failures that concern all ad accounts or pages."""
_LONGEST_ABSENCE = 31 * 86_400


def unreadable(why: str) -> Failure:
    """Return the failure of an ad account or page of which an answer cannot be read."""
    message = (
        f"what LinkedIn sent cannot be read: {why[:500]}. What follows is left out and the "
        "bookmark stays: run the tap again, and report it with this message if that stays"
    )
    return Failure(Remedy.SET_ASIDE, 0, message)


class NotingStream(SdkStream):
    """A stream of which a record, an ad account or a page can fail without the others."""

    @functools.cached_property
    def incomplete(self) -> set[int]:
        """Return the owners of whom something is missing: their bookmarks stay in this run."""
        return set()

    @contextlib.contextmanager
    def costs_only(self, owner_id: int, missing: str = "") -> Iterator[None]:
        """Let whatever fails inside cost this ad account or page and no other.

        Args:
            owner_id: The ad account or page.
            missing: What is missing of it, where that is a part.

        Raises:
            RequestFailedError: The failure concerns all of them.
        """
        try:
            yield
        except RequestFailedError as error:
            self.owner_failed(owner_id, error, missing)
        except UNREADABLE as error:
            self.cannot_read(owner_id, error, missing)

    def owner_failed(self, owner: int, error: RequestFailedError, missing: str = "") -> None:
        """Note that one ad account or organization could not be read, and go on.

        Args:
            owner: The ad account or page.
            error: Why.
            missing: What is missing of it, where that is a part.

        Raises:
            RequestFailedError: The failure concerns all of them.
        """
        failure = error.failure
        if failure.remedy in OF_EVERYBODY or failure.scope_missing:
            raise error
        self.incomplete.add(owner)
        self._fail(owner, failure, error.resource, missing)

    def _fail(self, owner: int | None, failure: Failure, resource: str, missing: str = "") -> None:
        reason = explain(failure, resource)
        if missing:
            reason = f"{missing}: {reason}"
        if failure.remedy is Remedy.STOP_RESOURCE:
            reason += f" {self._when_to_come_back(failure)}"
        self.logger.error(
            "%s: %s%s", self.name, "" if owner is None else f"{self.owner_key} {owner}: ", reason
        )
        self.run.report.note(self.name, owner, reason, self.severity_of(owner, failure))

    def _when_to_come_back(self, failure: Failure) -> str:
        now = self.run.clock.now()
        if failure.retry_after:
            at = now + dt.timedelta(seconds=min(failure.retry_after, _LONGEST_ABSENCE))
            return f"LinkedIn asks to run the tap again after {at:%Y-%m-%d %H:%M} UTC."
        at = now + dt.timedelta(days=1)
        return f"It is renewed at midnight UTC: run the tap again after {at:%Y-%m-%d} 00:00 UTC."

    def severity_of(self, owner: int | None, failure: Failure) -> Severity:
        """Return how a failure bears on the exit status."""
        if failure.remedy is Remedy.STOP_RESOURCE:
            return Severity.QUOTA
        if owner is not None and not self.run.settings.fail_on_account_error:
            return Severity.WARNING
        return Severity.FAILED

    def cannot_read(self, owner: int | None, error: Exception, missing: str = "") -> None:
        """Note that LinkedIn sent something that this stream cannot hold.

        Args:
            owner: The ad account or page that is left out, None where the stream stops.
            error: One of ``UNREADABLE``.
            missing: What is missing, where that is a part.
        """
        if owner is not None:
            self.incomplete.add(owner)
        self._fail(owner, unreadable(self._reason(error)), "LinkedIn's answer", missing)

    def accept(
        self, owner: int, record: Record, unreadable: Sequence[UnreadableValue] = ()
    ) -> bool:
        """Whether a record can be delivered, and note what is wrong with it.

        Args:
            owner: The ad account or page that was asked for.
            record: The record; columns that cannot hold what LinkedIn sent are null.
            unreadable: What LinkedIn sent there.

        Returns:
            False where a part of the key is null: such records could not be told apart. The
            record is set aside alone, and its owner's bookmark stays.
        """
        key = {column: record.get(column) for column in self.primary_keys}
        missing = [column for column, value in key.items() if value is None]
        if missing:
            sent = {u.column: u.value for u in unreadable}
            whats = [f"{c} {sent[c]!r}" if c in sent else f"no {c}" for c in missing]
            self.set_aside(owner, f"LinkedIn sent {' and '.join(whats)}", key)
            return False
        fails = self.run.settings.fail_on_unreadable_value
        severity = Severity.FAILED if fails else Severity.WARNING
        for found in unreadable:
            self._note_odd(OddRecords(self.name, owner, severity, key, *found))
        return True

    def set_aside(
        self, owner: int | None, why: str | Exception, key: Mapping[str, t.Any] | None = None
    ) -> None:
        """Note that one record is left out; the bookmark of its owner stays.

        Args:
            owner: The ad account or page, None where nobody knows.
            why: What is wrong with it; or one of ``UNREADABLE``.
            key: Its key columns, as far as they are known.
        """
        if owner is not None:
            self.incomplete.add(owner)
        known = {column: value for column, value in (key or {}).items() if value is not None}
        odd = OddRecords(self.name, owner, Severity.FAILED, known, "", self._reason(why))
        self._note_odd(odd)

    def _note_odd(self, found: OddRecords) -> None:
        if self.run.report.note_odd(found):
            whose = "" if found.subject is None else f"{self.owner_key} {found.subject}: "
            self.logger.warning("%s: %s%s", self.name, whose, found.incident.reason)

    def _reason(self, why: str | Exception) -> str:
        """Return what is wrong, for a message."""
        if isinstance(why, str | TapError):
            return str(why)[:500]
        # An answer of a shape that nobody documents, or a mistake of this tap's.
        self.logger.debug("Where it went wrong:", exc_info=why)
        return f"{type(why).__name__}: {why}"[:500]
