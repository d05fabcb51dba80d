"""What ``check`` found out, and what follows from it for every stream. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from tap_linkedin_ads.api import resources
from tap_linkedin_ads.api.advice import explain, lacks_scope
from tap_linkedin_ads.api.resources import ACCOUNT_ID, OWNER_WORDS
from tap_linkedin_ads.sync.run_report import COMPLETE, PARTIAL

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from tap_linkedin_ads.api.errors import RequestFailedError

STREAM = "check"
"""What the requests of a check are counted under."""
_WINDOW_MINUTES = 5


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
class Need:
    """A stream and what it takes.

    Attributes:
        stream: The stream.
        is_selected: It is selected.
        resources: LinkedIn's resources that it reads.
        owner_keys: What has to be visible, any one of them: ``account_id``, ``organization_id``.
        refusal: Why LinkedIn answered none of its first requests, None where it did.
    """

    stream: str
    is_selected: bool
    resources: tuple[str, ...]
    owner_keys: tuple[str, ...] = (ACCOUNT_ID,)
    refusal: RequestFailedError | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a stream will work, and why not.

    Attributes:
        stream: The stream.
        is_selected: It is selected.
        reason: Why it will not work, or empty.
        lacking: The scopes that the token lacks for it, in words.
    """

    stream: str
    is_selected: bool
    reason: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
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
    for verdict in checkup.verdicts:
        for scope in verdict.lacking if verdict.is_selected else ():
            found.setdefault(scope, []).append(verdict.stream)
    return found


def judge(need: Need, *, scopes: frozenset[str] | None, visible: Collection[str]) -> Verdict:
    """Say of a stream whether it will work.

    Args:
        need: The stream and what it takes.
        scopes: What the token allows, None where that is not known.
        visible: ``account_id`` and ``organization_id``, as far as there is one to read.
    """
    lacking = [
        name
        for name in need.resources
        if scopes is not None and not scopes & resources.get(name).scopes
    ]
    reason = ""
    if lacking:
        reason = lacks_scope(lacking[0])
    elif need.refusal:
        reason = explain(need.refusal.failure, need.refusal.resource)
    elif not any(key in visible for key in need.owner_keys):
        reason = f"no {' or '.join(OWNER_WORDS[key] for key in need.owner_keys)} is in sight"
    words = dict.fromkeys(resources.get(name).wants for name in lacking)
    return Verdict(need.stream, need.is_selected, reason, tuple(words))
