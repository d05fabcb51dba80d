"""Which company pages a run reads, and with which roles of the member."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

import pytest

from tap_linkedin_ads.api.batch_get import Lookups
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.sync.earlier_runs import EarlierRuns
from tap_linkedin_ads.sync.organizations import Organizations
from tap_linkedin_ads.sync.page_roles import ADMINISTRATOR, ANY_ROLE, POST_ROLES, STATISTICS_ROLES
from tap_linkedin_ads.sync.run_report import ALL_PAGE_STREAMS, Severity
from tests.linkedin_mock import REST, Mocked, mocked

if t.TYPE_CHECKING:
    import requests

    from tests.singer import Json

Role = tuple[int, str, str]
LOST = (
    "an earlier run read this page, but this member no longer has a role on it: its bookmarks "
    "stay, and it is filled in when the role is back"
)
NO_SCOPE = {
    "status": 403,
    "code": "ACCESS_DENIED",
    "message": "Not enough permissions to access: x",
}
FORBIDDEN = {"status": 403, "message": "No."}


class Linkedin:
    """A LinkedIn with pages, and the member's roles on them."""

    def __init__(
        self, linkedin: Mocked, *roles: Role, pages: dict[int, Json] | None = None
    ) -> None:
        """Give these roles and pages; a page that is not there is refused."""
        self.linkedin = linkedin
        self.pages = pages or {}
        self.roles = roles
        self.refuse_other_roles = False
        mock = linkedin.linkedin
        mock.get(f"{REST}/organizationAcls", json=self._acls)
        mock.get(f"{REST}/organizations", json=self._batch)
        mock.get(f"{REST}/organizationsLookup", json=self._lookup)
        for number in (1, 2, 3, 4, 5):
            mock.get(f"{REST}/organizations/{number}", json=self._one(number))

    def _one(self, number: int) -> t.Callable[..., Json]:
        def answer(_: object, context: t.Any) -> Json:  # noqa: ANN401
            if number in self.pages:
                return self.pages[number]
            context.status_code = 403
            return FORBIDDEN

        return answer

    def _acls(self, request: requests.Request, context: t.Any) -> Json:  # noqa: ANN401
        query = parse_qs(urlsplit(str(request.url)).query)
        role = query.get("role", [None])[0]
        if role is None and self.refuse_other_roles:
            context.status_code = 403
            return FORBIDDEN
        rows = [
            {"organization": f"urn:li:organization:{page}", "role": name, "state": state}
            for page, name, state in self.roles
            if role is None or (name, state) == (role, "APPROVED")
        ]
        return {"elements": rows if query["start"] == ["0"] else []}

    def _batch(self, request: requests.Request, _: object) -> Json:
        ids = parse_qs(urlsplit(str(request.url)).query)["ids"][0][5:-1].split(",")
        found = {key: self.pages[int(key)] for key in ids if int(key) in self.pages}
        errors = {key: FORBIDDEN for key in ids if int(key) not in self.pages}
        return {"results": found, "errors": errors}

    def _lookup(self, request: requests.Request, _: object) -> Json:
        ids = parse_qs(urlsplit(str(request.url)).query)["ids"][0][5:-1].split(",")
        return {"results": {key: {"id": int(key), "localizedName": f"public {key}"} for key in ids}}

    def read(self, **needs: frozenset[str]) -> Organizations:
        """Return the pages of a run with these streams."""
        run = self.linkedin.run
        return Organizations(run, Lookups(run.client), needs)


def page(number: int, **more: t.Any) -> Json:  # noqa: ANN401
    """Return a page as its administrator sees it."""
    return {"id": number, "localizedName": f"page {number}", **more}


def test_pages_with_any_role_are_read() -> None:
    """Those that the member administers whole, others with their public fields."""
    with mocked() as mock:
        linkedin = Linkedin(
            mock,
            (2, ADMINISTRATOR, "APPROVED"),
            (2, "ANALYST", "APPROVED"),
            (1, "CURATOR", "APPROVED"),
            (3, ADMINISTRATOR, "REVOKED"),
            pages={2: page(2)},
        )
        found = linkedin.read()
        assert found.by_id == {1: {"id": 1, "localizedName": "public 1"}, 2: page(2)}
        assert list(found.by_id) == [1, 2]
        assert found.roles(1) == ("CURATOR",)
        assert found.roles(2) == (ADMINISTRATOR, "ANALYST")
        assert found.roles(3) == ()
        assert (found.name(1), found.name(2), found.name(9)) == ("public 1", "page 2", None)
        assert mock.run.report.pages == {1, 2}
        assert mock.noted == []
        assert mock.run.client.requests_sent == {"organizations": 4}
        assert mock.asked[0] == (
            "/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=0&count=100"
        )
        assert mock.asked[1] == "/organizationAcls?q=roleAssignee&start=0&count=100"


def test_showcase_pages_are_left_out() -> None:
    """Only their type distinguishes them."""
    with mocked() as mock:
        linkedin = Linkedin(
            mock,
            (1, ADMINISTRATOR, "APPROVED"),
            (2, ADMINISTRATOR, "APPROVED"),
            pages={
                1: page(1, primaryOrganizationType="BRAND"),
                2: page(2, primaryOrganizationType="COMPANY"),
            },
        )
        assert list(linkedin.read().by_id) == [2]


def test_a_page_that_is_refused_is_left_out_and_noted() -> None:
    """The others are read."""
    with mocked() as mock:
        roles = [(n, ADMINISTRATOR, "APPROVED") for n in (1, 2)]
        found = Linkedin(mock, *roles, pages={2: page(2)}).read()
        assert list(found.by_id) == [2]
        ((stream, organization, why, severity),) = mock.noted
        assert (stream, organization, severity) == (ALL_PAGE_STREAMS, 1, Severity.WARNING)
        assert mock.logged == [f"Page 1: {why}"]


def test_without_other_roles_the_administered_pages_are_read() -> None:
    """What is refused is said; whether other pages are lost, nobody knows."""
    with mocked() as mock:
        mock.run.earlier = EarlierRuns(pages={4: None})
        linkedin = Linkedin(mock, (1, ADMINISTRATOR, "APPROVED"), pages={1: page(1)})
        linkedin.refuse_other_roles = True
        assert list(linkedin.read().by_id) == [1]
        ((stream, organization, why, severity),) = mock.noted
        assert (stream, organization, severity) == (ALL_PAGE_STREAMS, None, Severity.WARNING)
        assert why.startswith(
            "pages on which the member has a role other than ADMINISTRATOR are left out: "
        )
        assert mock.logged == [why]


@pytest.mark.parametrize("name", ["organization", "organizationTarget", "organizationalTarget"])
def test_a_role_names_its_page_in_one_of_three_ways(name: str) -> None:
    """A role without state is approved; one on no page is noted."""
    with mocked() as mock:
        named = [{name: "urn:li:organization:5", "role": "ANALYST"}, {name: "urn:li:company:6"}]
        rows = [{"role": "ANALYST"}, 7, *named]
        mock.linkedin.get(f"{REST}/organizationAcls", json={"elements": rows})
        found = Organizations(mock.run, Lookups(mock.run.client))
        assert list(found.roles_found({"state": "x"})) == [
            (5, "ANALYST", "APPROVED"),
            (6, "", "APPROVED"),
        ]
        ((stream, organization, why, severity),) = mock.noted
        assert (stream, organization, severity) == (ALL_PAGE_STREAMS, None, Severity.FAILED)
        assert why.startswith("organizationAcls: LinkedIn sent a role on no page. ")


def test_a_stream_reads_the_pages_on_which_a_role_suffices() -> None:
    """What a selected stream cannot read is noted once for each page."""
    with mocked() as mock:
        linkedin = Linkedin(
            mock,
            (1, ADMINISTRATOR, "APPROVED"),
            (2, "CONTENT_ADMINISTRATOR", "APPROVED"),
            (3, "ANALYST", "APPROVED"),
            pages={1: page(1)},
        )
        found = linkedin.read(statistics=STATISTICS_ROLES, posts=POST_ROLES, followers=ANY_ROLE)
        assert found.pages_for("statistics", STATISTICS_ROLES) == (1,)
        assert found.pages_for("posts", POST_ROLES) == (1, 2)
        assert found.pages_for("followers", ANY_ROLE) == (1, 2, 3)
        left_out = {organization: why for _, organization, why, _ in mock.noted}
        assert left_out.keys() == {2, 3}
        assert left_out[2] == (
            "the member's role on this page is CONTENT_ADMINISTRATOR, so it is left out of "
            "statistics (needs ADMINISTRATOR); bookmarks stay"
        )
        assert "statistics (needs ADMINISTRATOR); posts (needs ADMINISTRATOR / " in left_out[3]
        assert {severity for *_, severity in mock.noted} == {Severity.WARNING}


def test_a_stream_without_any_page_says_so_once() -> None:
    """And what was found instead."""
    with mocked() as mock:
        linkedin = Linkedin(mock, (3, "ANALYST", "APPROVED"), (4, "CURATOR", "REQUESTED"), pages={})
        found = linkedin.read()
        assert found.pages_for("statistics", STATISTICS_ROLES) == ()
        assert found.pages_for("statistics", STATISTICS_ROLES) == ()
        why = (
            "this member administers no page, and has no other role that suffices, so this stream "
            "has no rows; it needs ADMINISTRATOR; roles found: ANALYST (3), CURATOR (4, REQUESTED)"
        )
        assert mock.noted == [("statistics", None, why, Severity.WARNING)]
        assert mock.logged == [f"statistics: {why}"]


def test_no_role_at_all_is_said() -> None:
    """Of each stream."""
    with mocked() as mock:
        found = Linkedin(mock).read()
        for stream in ("a", "b"):
            assert found.pages_for(stream, STATISTICS_ROLES) == ()
        assert [stream for stream, *_ in mock.noted] == ["a", "b"]
        assert all(why.endswith("; roles found: none") for _, _, why, _ in mock.noted)
        found.pages_for("c", ANY_ROLE)
        assert "so this stream has no rows; it needs any role; " in mock.noted[-1][2]


# Listed pages


@pytest.mark.parametrize(
    ("settings", "severity"),
    [({}, Severity.FAILED), ({"on_account_error": "warn"}, Severity.WARNING)],
)
def test_listed_pages_are_read_whatever_their_type(settings: Json, severity: Severity) -> None:
    """One that is refused is read with another role, or named."""
    with mocked(organization_ids=[3, 2, 1], **settings) as mock:
        pages = {1: page(1, primaryOrganizationType="BRAND")}
        linkedin = Linkedin(mock, (2, "ANALYST", "APPROVED"), pages=pages)
        found = linkedin.read()
        assert found.by_id == {1: pages[1], 2: {"id": 2, "localizedName": "public 2"}}
        assert (found.roles(1), found.roles(2)) == ((ADMINISTRATOR,), ("ANALYST",))
        ((stream, organization, why, noted),) = mock.noted
        assert (stream, organization, noted) == (ALL_PAGE_STREAMS, 3, severity)
        assert why.startswith(
            "organization_ids lists this page, but the member lacks the role ADMINISTRATOR"
        )
        assert mock.asked[0] == "/organizations?ids=List(1,2,3)"


@pytest.mark.parametrize(
    ("settings", "severity"),
    [({}, Severity.FAILED), ({"on_account_error": "warn"}, Severity.WARNING)],
)
def test_a_listed_page_that_a_stream_cannot_read_is_named(
    settings: Json, severity: Severity
) -> None:
    """The user asked for it."""
    with mocked(organization_ids=[2], **settings) as mock:
        found = Linkedin(mock, (2, "ANALYST", "APPROVED")).read(posts=POST_ROLES)
        assert found.pages_for("posts", POST_ROLES) == ()
        ((_, organization, why, noted),) = mock.noted
        assert (organization, noted) == (2, severity)
        assert why.startswith(
            "organization_ids lists this page, but the member's role on this page is ANALYST, so "
            "it is left out of posts (needs "
        )


def test_an_empty_list_reads_no_page() -> None:
    """Nothing is asked."""
    with mocked(organization_ids=[]) as mock:
        found = Linkedin(mock).read(posts=POST_ROLES)
        assert found.by_id == {}
        assert found.pages_for("posts", POST_ROLES) == ()
        why = "organization_ids is empty, so no page is read"
        assert mock.noted == [(ALL_PAGE_STREAMS, None, why, Severity.WARNING)]
        assert mock.logged == [why]
        assert mock.asked == []


def test_without_the_scope_listed_pages_are_known_by_number() -> None:
    """LinkedIn decides what of them can be read."""
    with mocked(organization_ids=[2, 1]) as mock:
        mock.linkedin.get(f"{REST}/organizations", status_code=403, json=NO_SCOPE)
        for number in (1, 2):
            mock.linkedin.get(f"{REST}/organizations/{number}", status_code=403, json=NO_SCOPE)
        found = Organizations(mock.run, Lookups(mock.run.client), {"posts": POST_ROLES})
        assert found.by_id == {1: {}, 2: {}}
        assert found.scope_failure is not None
        assert found.readable_with(POST_ROLES) == (1, 2)
        assert found.name(1) is None
        assert mock.noted == []


def test_every_caller_hears_of_a_failure() -> None:
    """LinkedIn is asked once."""
    with mocked() as mock:
        mock.linkedin.get(f"{REST}/organizationAcls", status_code=403, json=FORBIDDEN)
        found = Organizations(mock.run, Lookups(mock.run.client))
        for _ in range(2):
            with pytest.raises(RequestFailedError):
                _ = found.by_id
        assert len(mock.asked) == 1


@pytest.mark.parametrize(("settings", "told"), [({}, [3, 4]), ({"organization_ids": [1]}, [])])
def test_pages_of_an_earlier_run_that_are_gone_are_told(settings: Json, told: list[int]) -> None:
    """Each in a line of its own; one that has become a showcase page is not lost."""
    roles = ((n, ADMINISTRATOR, "APPROVED") for n in (1, 2))
    showcase = {**page(2), "primaryOrganizationType": "BRAND"}
    with mocked(**settings) as mock:
        mock.run.earlier = EarlierRuns(pages=dict.fromkeys((4, 1, 2, 3)))
        found = Linkedin(mock, *roles, pages={1: page(1), 2: showcase}).read()
        assert list(found.by_id) == [1]
        assert mock.noted == [(ALL_PAGE_STREAMS, n, LOST, Severity.WARNING) for n in told]
        assert mock.logged == [f"Page {n}: {LOST}." for n in told]
