"""Lead forms, and what members answered: ad accounts' and pages'."""

from __future__ import annotations

import collections
import datetime as dt
import re
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses, urn
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.client import Request
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.workers import side_by_side
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.paths import at, parts
from tap_linkedin_ads.records.values import found_at
from tap_linkedin_ads.streams.linkedin_stream import UNREADABLE, ChildRecords, LinkedInStream
from tap_linkedin_ads.sync.page_roles import LEAD_ROLES
from tap_linkedin_ads.sync.run_report import Gravity

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.restli import Value
    from tap_linkedin_ads.records.entity import UnreadableValue

_PAGE_SIZE = 100
_RETENTION_DAYS = 365
_ACCOUNT, _PAGE = "sponsoredAccount", "organization"
_LEAD_TYPES = {_ACCOUNT: ("SPONSORED",), _PAGE: ("COMPANY", "EVENT", "ORGANIZATION_PRODUCT")}
_VERSIONED_FORM = re.compile(
    r"urn:li:versionedLeadGenForm:\(urn:li:leadGenForm:([0-9]{1,18}),([0-9]{1,18})\)"
)
_OF_RESPONSE = (
    "account_id",
    "account_urn",
    "organization_id",
    "organization_urn",
    "lead_form_id",
    "lead_form_version_id",
    "submitted_at",
)
_REVIEW = {
    "review_status": "reviewInfo.reviewStatus",
    "review_rejection_reasons": "reviewInfo.rejectionReasons",
    "review_last_updated": "reviewInfo.lastUpdated",
}
_REFERENCES = {
    "campaign": "leadMetadata.sponsoredLeadMetadata.campaign",
    "creative": "associatedEntity.associatedCreative",
}
_ANSWER = {
    "question_id": "questionId",
    "name": "name",
    "answer": "answerDetails.textQuestionAnswer.answer",
    "option_ids": "answerDetails.multipleChoiceAnswer.options",
    "answer_details": "answerDetails",
}


class Owner(t.NamedTuple):
    """Who owns lead forms: an ad account or a page."""

    kind: str
    key: int

    @property
    def urn(self) -> str:
        """Return the owner's URN."""
        return urn.make(self.kind, self.key)

    @property
    def columns(self) -> dict[str, t.Any]:
        """Return the columns that say who owns a record."""
        of_account = self.kind == _ACCOUNT
        return {
            "account_id": self.key if of_account else None,
            "account_urn": self.urn if of_account else None,
            "organization_id": None if of_account else self.key,
            "organization_urn": None if of_account else self.urn,
        }


class _OwnerPages(IndexPages):
    """The pages of one owner."""

    def __init__(
        self, stream: LeadStream, resource: str, owner: Owner, criteria: Mapping[str, Value]
    ) -> None:
        self.owner = owner
        request = Request(
            resource,
            f"/{resource}",
            {"q": "owner", "owner": {owner.kind: owner.urn}, **criteria},
            stream=stream.name,
        )
        super().__init__(stream.run.client, request, _PAGE_SIZE)


class LeadStream(LinkedInStream):
    """A stream that ad accounts and pages own."""

    page_roles = LEAD_ROLES

    def owners(self) -> Iterator[Owner]:
        """Give the ad accounts, then the pages where the token may look at pages at all."""
        for account in self.shared.ad_accounts.ids:
            yield Owner(_ACCOUNT, account)
        try:
            pages = self.shared.organizations.readable_with(self.page_roles)
        except RequestFailedError as error:
            if not error.failure.scope_missing:
                raise
            reason = f"forms of pages are left out: {explain(error.failure, error.resource)}"
            self.run.ledger.note(self.name, None, reason, Gravity.WARNING)
            return
        for page in pages:
            yield Owner(_PAGE, page)


class LeadForms(LeadStream):
    """Lead forms of ad accounts and pages."""

    name = "lead_forms"
    selected_by_default = False
    primary_keys = ("id", "version_id")

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @property
    @override
    def owner_keys(self) -> tuple[str, ...]:
        return ("account_id", "organization_id")

    @override
    def read(self) -> Iterator[Record]:
        walks = (_OwnerPages(self, "leadForms", owner, {}) for owner in self.owners())
        for step in side_by_side(walks, self.run.workers):
            try:
                elements = step.answer().elements
            except RequestFailedError as error:
                self.owner_failed(step.walk.owner.key, error)
                continue
            for raw in elements:
                unreadable: list[UnreadableValue] = []
                try:
                    record = self._record(step.walk.owner, responses.row(raw), unreadable)
                except UNREADABLE as error:
                    self.set_aside(step.walk.owner.key, error)
                    continue
                if self.accept(step.walk.owner.key, record, unreadable):
                    yield record

    def _record(
        self, owner: Owner, wire: responses.Wire, unreadable: list[UnreadableValue]
    ) -> Record:
        properties = self.effective_schema["properties"]
        record = entity.entity(wire, properties, unreadable)
        record.update(parts(wire, _REVIEW, properties, unreadable))
        record.update(owner.columns)
        return record


class LeadFormResponses(LeadStream):
    """What a member submitted through a lead form: personal data."""

    name = "lead_form_responses"
    primary_keys = ("id",)
    replication_key = "submitted_at"

    @override
    def read(self) -> Iterator[Record]:
        end = self._end()
        bookmarks = {
            _ACCOUNT: self.bookmarks,
            _PAGE: self.bookmarks_of("organization_id"),
        }
        walks = (
            _OwnerPages(self, "leadFormResponses", owner, criteria)
            for owner in self.owners()
            for criteria in self._criteria(owner, bookmarks[owner.kind].instant(owner.key), end)
        )
        open_walks: collections.Counter[Owner] = collections.Counter()
        for step in side_by_side(walks, self.run.workers):
            owner = step.walk.owner
            open_walks.setdefault(owner, len(_LEAD_TYPES[owner.kind]))
            try:
                elements = step.answer().elements
            except RequestFailedError as error:
                self.owner_failed(owner.key, error)
                continue
            for raw in elements:
                unreadable: list[UnreadableValue] = []
                try:
                    wire = responses.row(raw)
                    record = self._record(owner, wire, unreadable)
                except UNREADABLE as error:
                    self.set_aside(owner.key, error)
                    continue
                if self.accept(owner.key, record, unreadable):
                    self.feed_children(owner.key, (record, wire))
                    yield record
            if owner.key in self.incomplete:
                open_walks[owner] += 1  # never complete
            open_walks[owner] -= step.is_last
            written = self.selected or self.selected_children
            if (
                written
                and not open_walks[owner]
                and bookmarks[owner.kind].move(owner.key, end.isoformat(timespec="milliseconds"))
            ):
                self.write_state()

    def _end(self) -> dt.datetime:
        """Return the end of the range, fixed when the run starts."""
        started = dt.datetime.fromisoformat(self.run.read_at)
        return min(started, epoch.midnight(self.run.settings.end_date) + dt.timedelta(days=1))

    def _criteria(
        self, owner: Owner, bookmark: dt.datetime | None, end: dt.datetime
    ) -> Iterator[dict[str, Value]]:
        """Give one request for each type of lead that an owner can have."""
        start = self.run.settings.lookback().first_instant(bookmark)
        start = max(start, end - dt.timedelta(days=_RETENTION_DAYS))
        if start >= end:
            return  # an end_date that lies before what has been read
        between: dict[str, Value] = {
            "start": epoch.milliseconds(start),
            "end": epoch.milliseconds(end),
        }
        for lead_type in _LEAD_TYPES[owner.kind]:
            yield {"leadType": {"leadType": lead_type}, "submittedAtTimeRange": between}

    def _record(
        self, owner: Owner, wire: responses.Wire, unreadable: list[UnreadableValue]
    ) -> Record:
        properties = self.effective_schema["properties"]
        record = entity.entity(wire, properties, unreadable)
        for column, path in _REFERENCES.items():
            found = found_at(wire, path)
            record.update(entity.reference(column, found, properties, unreadable))
        form = _VERSIONED_FORM.fullmatch(record["versioned_lead_gen_form_urn"] or "")
        record.update(
            owner.columns,
            lead_form_id=int(form[1]) if form else None,
            lead_form_version_id=int(form[2]) if form else None,
        )
        return record


class LeadFormResponseAnswers(ChildRecords):
    """One answer in a lead: personal data."""

    name = "lead_form_response_answers"
    page_roles = LEAD_ROLES
    parent_stream_type = LeadFormResponses
    primary_keys = ("response_id", "position")

    @override
    def records_of(
        self,
        owner: int,
        source: tuple[Record, responses.Wire],
        unreadable: list[UnreadableValue],
    ) -> Iterator[Record]:
        response, wire = source
        properties = self.effective_schema["properties"]
        found = at(wire, "formResponse.answers")
        for position, answer in enumerate(found if isinstance(found, list) else (), start=1):
            yield {
                "response_id": response["id"],
                "position": position,
                **{column: response[column] for column in _OF_RESPONSE},
                **parts(answer, _ANSWER, properties, unreadable),
            }
