"""Lead forms, and what members answered: ad accounts' and pages'.

LinkedIn's rules: LI-38, LI-39.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import epoch, responses
from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.pagination import IndexPages
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.api.resources import ACCOUNT_ID, ORGANIZATION_ID
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.paths import at, parts
from tap_linkedin_ads.records.values import UnreadableValue, found_at, shown
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords
from tap_linkedin_ads.streams.owner_stream import OwnerPages, OwnerStream
from tap_linkedin_ads.streams.owners import Owner
from tap_linkedin_ads.sync.page_roles import LEAD_ROLES
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.restli import Value
    from tap_linkedin_ads.sync.bookmarks import Bookmarks

_PAGE_SIZE = 100
_NO_PAGES = "forms of pages are left out"
_RETENTION_DAYS = 365
_LEAD_TYPES = {
    ACCOUNT_ID: ("SPONSORED",),
    ORGANIZATION_ID: ("COMPANY", "EVENT", "ORGANIZATION_PRODUCT"),
}
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


class LeadStream(OwnerStream):
    """A stream that ad accounts and pages own."""

    page_roles = LEAD_ROLES
    resource: t.ClassVar[str]

    @property
    @override
    def owner_keys(self) -> tuple[str, ...]:
        return (ACCOUNT_ID, ORGANIZATION_ID)

    @override
    def owners(self) -> Iterator[Owner]:
        """Yield the ad accounts, then the pages; where these cannot be found, none of them."""
        for account in self.directory.ad_accounts.ids:
            yield Owner(ACCOUNT_ID, account)
        for page in self._pages():
            yield Owner(ORGANIZATION_ID, page)

    def _pages(self) -> tuple[int, ...]:
        try:
            return self.directory.organizations.readable_with(self.page_roles)
        except RequestFailedError as error:
            failure = error.failure
            if failure.remedy is Remedy.STOP:
                raise
            if failure.scope_missing:  # a token for ads only
                reason = f"{_NO_PAGES}: {explain(failure, error.resource)}"
                self.run.report.note(self.name, None, reason, Severity.WARNING)
            else:
                self._fail(None, failure, error.resource, _NO_PAGES)
        except UNREADABLE as error:
            self.cannot_read(None, error, _NO_PAGES)
        return ()

    @override
    def requests(self, owner: Owner) -> Iterator[OwnerPages]:
        for criteria in self.criteria(owner):
            request = Request(
                self.resource,
                f"/{self.resource}",
                {"q": "owner", "owner": {owner.urn_type: owner.urn}, **criteria},
                stream=self.name,
            )
            yield OwnerPages(owner, IndexPages(self.run.client, request, _PAGE_SIZE))

    def criteria(self, owner: Owner) -> Iterator[dict[str, Value]]:  # noqa: ARG002
        """Yield the parameters of each request for one owner."""
        yield {}


class LeadForms(LeadStream):
    """Lead forms of ad accounts and pages."""

    name = "lead_forms"
    resource = "leadForms"
    selected_by_default = False
    primary_keys = ("id", "version_id")

    @property
    @override
    def is_read_whole(self) -> bool:
        return True

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        properties = self.effective_schema["properties"]
        record = entity.entity(wire, properties, unreadable)
        return {**record, **parts(wire, _REVIEW, properties, unreadable)}


class LeadFormResponses(LeadStream):
    """What a member submitted through a lead form: personal data."""

    name = "lead_form_responses"
    resource = "leadFormResponses"
    primary_keys = ("id",)
    replication_key = "submitted_at"

    @functools.cached_property
    def _bookmarks_of_pages(self) -> Bookmarks:
        return self.bookmarks_of(ORGANIZATION_ID)

    @override
    def bookmarks_for(self, owner: Owner) -> Bookmarks:
        return self.bookmarks if owner.key == ACCOUNT_ID else self._bookmarks_of_pages

    @override
    def complete_through(self, owner: Owner, newest: str) -> str:
        return self._end().isoformat(timespec="milliseconds")

    @override
    def source_of_children(
        self, record: Record, wire: responses.Wire
    ) -> tuple[Record, responses.Wire]:
        return record, wire

    def _end(self) -> dt.datetime:
        started = dt.datetime.fromisoformat(self.run.read_at)
        return min(started, epoch.midnight(self.run.settings.end_date) + dt.timedelta(days=1))

    @override
    def criteria(self, owner: Owner) -> Iterator[dict[str, Value]]:
        """Yield the parameters of one request for each type of lead that an owner can have."""
        end, bookmark = self._end(), self.bookmarks_for(owner).instant(owner.owner_id)
        start = self.run.settings.lookback().first_instant(bookmark)
        start = max(start, end - dt.timedelta(days=_RETENTION_DAYS))
        if start >= end:
            return  # an end_date that lies before what has been read
        between: dict[str, Value] = {
            "start": epoch.milliseconds(start),
            "end": epoch.milliseconds(end),
        }
        for lead_type in _LEAD_TYPES[owner.key]:
            yield {"leadType": {"leadType": lead_type}, "submittedAtTimeRange": between}

    @override
    def to_record(
        self, wire: responses.Wire, owner: Owner, unreadable: list[UnreadableValue]
    ) -> Record:
        properties = self.effective_schema["properties"]
        record = entity.entity(wire, properties, unreadable)
        for column, path in _REFERENCES.items():
            found = found_at(wire, path)
            record.update(entity.reference(column, found, properties, unreadable))
        form = _VERSIONED_FORM.fullmatch(record["versioned_lead_gen_form_urn"] or "")
        record.update(
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
        form = response["versioned_lead_gen_form_urn"]
        if form is not None and response["lead_form_id"] is None:  # the response shows the text
            unreadable.append(UnreadableValue("lead_form_id", shown(form), "URN of a form"))
        found = at(wire, "formResponse.answers")
        for position, answer in enumerate(found if isinstance(found, list) else (), start=1):
            yield {
                "response_id": response["id"],
                "position": position,
                **{column: response[column] for column in _OF_RESPONSE},
                **parts(answer, _ANSWER, properties, unreadable),
            }
