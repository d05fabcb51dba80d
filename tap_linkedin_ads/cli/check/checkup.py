"""What ``check`` found out, and what follows from it for every stream. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.api.advice import explain, scope_of
from tap_linkedin_ads.sync.run_report import COMPLETE, PARTIAL

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from tap_linkedin_ads.api.errors import Failure

ACCOUNT, PAGE, OWNER = "ad account", "company page", "ad account or company page"
_WINDOW_MINUTES = 5
_SCOPE = re.compile(r"\br?w?_[a-z_]+")


@dataclass(frozen=True, slots=True)
class Need:
    """What a stream needs.

    Attributes:
        resources: LinkedIn's resources that it reads.
        of: What has to be visible: an ad account, a company page, or either.
    """

    resources: tuple[str, ...]
    of: str = ACCOUNT


_POSTS = Need(("organizations", "posts"), PAGE)  # without the role for statistics those are null
_REPORT = Need(("adAccounts", "adAnalytics"))
NEEDS: dict[str, Need] = {
    "ad_accounts": Need(("adAccounts",)),
    "ad_account_users": Need(("adAccounts", "adAccountUsers")),
    "campaign_groups": Need(("adAccounts", "adCampaignGroups")),
    "campaigns": Need(("adAccounts", "adCampaigns")),
    "creatives": Need(("adAccounts", "creatives")),
    "conversions": Need(("adAccounts", "conversions")),
    "conversion_associated_campaigns": Need(("adAccounts", "conversions")),
    "campaign_conversions": Need(("adAccounts", "adCampaigns", "conversions")),
    "insight_tags": Need(("adAccounts", "insightTags")),
    "insight_tag_permissions": Need(("adAccounts", "insightTagsPermission")),
    "insight_tag_domains": Need(("adAccounts", "insightTagDomains")),
    "attributed_revenue": _REPORT,
    "company_intelligence": Need(("adAccounts", "accountIntelligence")),
    "lead_forms": Need(("adAccounts", "leadForms"), OWNER),
    "lead_form_responses": Need(("adAccounts", "leadFormResponses"), OWNER),
    "lead_form_response_answers": Need(("adAccounts", "leadFormResponses"), OWNER),
    "ad_segments": Need(("adAccounts", "adSegments")),
    "dmp_segments": Need(("adAccounts", "dmpSegments")),
    "organizations": Need(("organizations",), PAGE),
    "organization_followers": Need(("organizations", "networkSizes"), PAGE),
    "organization_page_statistics": Need(
        (
            "organizations",
            "organizationalEntityFollowerStatistics",
            "organizationalEntityShareStatistics",
            "organizationPageStatistics",
        ),
        PAGE,
    ),
    "posts": _POSTS,
    "post_hashtags": _POSTS,
    "post_mentions": _POSTS,
    "post_poll_options": _POSTS,
    "post_carousel_cards": _POSTS,
    "post_multi_images": _POSTS,
}
"""The streams that are no reports on ads; those all need the same."""


def need_of(stream: str) -> Need:
    """Return what a stream needs."""
    return NEEDS.get(stream, _REPORT)


def scopes_of(resource: str) -> frozenset[str]:
    """Return the scopes of which any one reads a resource."""
    return frozenset(_SCOPE.findall(scope_of(resource)))


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of the token.

    Attributes:
        valid_until: When the access token expires, None where LinkedIn does not tell.
        refresh_until: Likewise the refresh token.
        has_refresh: A refresh token is set.
        scopes: What the member allowed, None where LinkedIn does not tell.
        trouble: Why the token cannot be used at all, or empty.
    """

    valid_until: dt.datetime | None = None
    refresh_until: dt.datetime | None = None
    has_refresh: bool = False
    scopes: frozenset[str] | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Visible:
    """An ad account or company page.

    Attributes:
        key: Its number.
        name: Its name.
        roles: The member's roles on it.
        status: LinkedIn's words for its state.
        is_read: The settings make the tap read it.
        allows: Streams that may read a page with these roles; empty for ad accounts.
    """

    key: int
    name: str
    roles: tuple[str, ...]
    status: str
    is_read: bool = True
    allows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a stream will work, and why not."""

    stream: str
    is_selected: bool
    reason: str = ""

    @property
    def works(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Cost:
    """What the first run of a stream takes.

    Attributes:
        stream: The stream.
        windows: Ranges of days to ask for; 0 where there are none.
        requests: Requests to send.
        values: Metric values they take.
        is_least: It may well be more, because nobody knows how many pages there are.
    """

    stream: str
    windows: int
    requests: int
    values: int = 0
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that ``check`` tells.

    Attributes:
        version: The tap's version.
        now: When it was found out.
        api_version: The API version in use, YYYYMM.
        sunset: The day on which LinkedIn switches it off.
        versions: The API versions that LinkedIn answers, the newest first.
        first_day: First day of a first run.
        last_day: Its last day.
        metric_values_limit: Metric values in any five minutes.
        token: The token.
        accounts: The ad accounts in sight.
        pages: The company pages in sight.
        verdicts: One a stream.
        costs: What a first run takes, by stream.
        troubles: What else is wrong.
        notices: What will be wrong soon.
    """

    version: str
    now: dt.datetime
    api_version: str
    sunset: dt.date
    first_day: dt.date
    last_day: dt.date
    metric_values_limit: int
    token: Token
    accounts: tuple[Visible, ...] = ()
    pages: tuple[Visible, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    costs: tuple[Cost, ...] = ()
    troubles: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=())
    versions: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """Return 0 where every selected stream will work."""
        failing = [v for v in self.verdicts if v.is_selected and not v.works]
        return PARTIAL if failing or self.troubles or self.token.trouble else COMPLETE

    @property
    def quota_minutes(self) -> int:
        """Return the minutes that LinkedIn's limit of metric values makes a first run wait."""
        values = sum(cost.values for cost in self.costs)
        # The first limitful comes at once, every further one when the window has passed.
        return max(0, values - 1) // self.metric_values_limit * _WINDOW_MINUTES


def missing_scopes(checkup: Checkup) -> dict[str, list[str]]:
    """Return the scopes that selected streams lack, each with those streams."""
    found: dict[str, list[str]] = {}
    if checkup.token.scopes is None:
        return found
    for verdict in checkup.verdicts:
        if not verdict.is_selected:
            continue
        for resource in need_of(verdict.stream).resources:
            if not checkup.token.scopes & scopes_of(resource):
                streams = found.setdefault(scope_of(resource), [])
                if verdict.stream not in streams:
                    streams.append(verdict.stream)
    return found


def judge(
    streams: Mapping[str, bool],
    *,
    failures: Mapping[str, Failure],
    scopes: frozenset[str] | None,
    visible: Iterable[str],
) -> tuple[Verdict, ...]:
    """Say of every stream whether it will work.

    Args:
        streams: Every stream, and whether it is selected.
        failures: What LinkedIn answered where a tiny request was refused, by resource.
        scopes: What the token allows, None where that is not known.
        visible: ``ACCOUNT`` and ``PAGE``, as far as there is one to read.
    """
    in_sight = set(visible)
    return tuple(
        Verdict(name, is_selected, _reason(need_of(name), failures, scopes, in_sight))
        for name, is_selected in streams.items()
    )


def _reason(
    need: Need, failures: Mapping[str, Failure], scopes: frozenset[str] | None, in_sight: set[str]
) -> str:
    for resource in need.resources:
        if scopes is not None and not scopes & scopes_of(resource) and scopes_of(resource):
            return (
                f"the access token lacks the scope {scope_of(resource)} for {resource}; add the "
                "product to your LinkedIn app and have the member consent again"
            )
        if resource in failures:
            return explain(failures[resource], resource)
    if not in_sight & ({ACCOUNT, PAGE} if need.of == OWNER else {need.of}):
        return f"no {need.of} is in sight"
    return ""
