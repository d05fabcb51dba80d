"""Rules for what LinkedIn may refuse of a request, and what is asked instead. Pure.

Each rule answers a refusal that names what is wrong, and offers guesses for one that names nothing.

LinkedIn's rules: LI-3, LI-4, LI-10, LI-13.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_linkedin_ads.api import restli
    from tap_linkedin_ads.api.errors import Failure
    from tap_linkedin_ads.api.request import Request

LEAST_ROWS = 10
"""Smallest page: where LinkedIn refuses even that, the refusal is about something else."""
MOST_HALVINGS = 3
"""Smaller pages to try where a refusal does not say that it is about the size."""
_BAD_REQUEST = 400
_SIZES = ("pageSize", "count")
_TOO_LARGE = ("TOO MANY ENTITIES", "SPECIFIED COUNT IS LARGER")
_TOKEN = "pageToken"  # noqa: S105  the name of a parameter

OPTIONAL: Mapping[tuple[str, str], bool] = {
    ("adCampaignGroups", "search"): True,
    ("adCampaigns", "search"): True,
    ("creatives", "intendedStatuses"): True,
    ("conversions", "conversionOwnershipTypes"): True,
    ("posts", "sortBy"): False,
    ("adTargetingEntities", "locale"): False,
    ("adTargetingEntities", "queryVersion"): False,
    ("accountIntelligence", "skipCompanyDecoration"): False,
    ("organizationAcls", "role"): False,
    ("organizationAcls", "state"): False,
}
"""Parameters that only narrow or ease a request, and whether LinkedIn may answer fewer rows without
them. Posts come in the order of LAST_MODIFIED by default; roles are filtered again by the tap."""

SPELLINGS = frozenset(
    {
        ("adAccountUsers", "accounts"),
        ("adSegments", "accounts"),
        ("dmpSegments", "account"),
        ("adAnalytics", "account"),
        ("adAnalytics", "pivot"),
        ("adAnalytics", "timeGranularity"),
    }
)
"""Parameters that LinkedIn's pages show, or clients send, in two spellings: a list of one or the
value itself, an enumeration or a record of it."""
_ENUMERATIONS = frozenset({"pivot", "timeGranularity"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that LinkedIn refused, and what was sent instead.

    Attributes:
        resource: LinkedIn's resource.
        refused: What was refused (``pageSize=1000``).
        instead: What was answered (``pageSize=500``).
        reason: LinkedIn's text.
    """

    resource: str
    refused: str
    instead: str
    reason: str

    @property
    def text(self) -> str:
        """Return it as a line below the run's table."""
        return f"{self.resource}: LinkedIn refused {self.refused}; sent {self.instead}"


class Rule(t.Protocol):
    """One kind of refusal that can be worked around."""

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the next request to try, None where the failure is not of this kind.

        It asks for less than ``request`` in some respect, so that trying comes to an end.
        """

    def guesses(self, request: Request) -> Iterator[Request]:
        """Yield what to try where LinkedIn refuses a request and does not say what is wrong."""

    def learn(self, asked: Request, sent: Request, failure: Failure) -> Difference | None:
        """Remember that ``sent`` was answered after ``asked`` was refused.

        Returns:
            What was learnt, None where it was known or nothing of this rule's kind was changed.
        """

    def fit(self, request: Request) -> Request:
        """Return a request without what is known to be refused."""


def names(failure: Failure, parameter: str) -> bool:
    """Whether a refusal names a parameter: as a field's path, or as a word of its text."""
    if any(re.split(r"[/.\[(]", path.strip("/"))[0] == parameter for path in failure.fields):
        return True
    return re.search(rf"(?<!\w){re.escape(parameter)}(?!\w)", failure.message) is not None


def says_nothing(request: Request, failure: Failure) -> bool:
    """Whether a request was refused as wrong without a word of what is wrong with it."""
    if failure.status != _BAD_REQUEST or failure.is_version_gone or failure.fields:
        return False
    return not any(
        names(failure, parameter) for parameter in request.parameters if parameter != "q"
    )


def _changed(request: Request, parameters: Mapping[str, restli.Value]) -> Request:
    """Return a request with other parameters; a page token is valid for those it was given for."""
    return replace(request, parameters={n: v for n, v in parameters.items() if n != _TOKEN})


class SmallerPages:
    """Halves ``pageSize`` or ``count`` where LinkedIn refuses the size of a page."""

    def __init__(self) -> None:
        self._limits: dict[tuple[str, str], int] = {}

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the request with half the rows a page, from the first page on."""
        name = _size_parameter(request)
        if name is None or not _is_about_size(failure, name):
            return None
        return _halved(request, name)

    def guesses(self, request: Request) -> Iterator[Request]:
        """Yield the request with a half, a quarter and an eighth of the rows a page."""
        name = _size_parameter(request)
        smaller = request if name else None
        for _ in range(MOST_HALVINGS):
            smaller = (smaller and name and _halved(smaller, name)) or None
            if smaller:
                yield smaller

    def learn(self, asked: Request, sent: Request, failure: Failure) -> Difference | None:
        """Remember the rows a page that were answered, for all requests to the resource."""
        name = _size_parameter(asked)
        if name is None or _size(sent, name) >= _size(asked, name):
            return None
        place, size = (asked.resource, name), _size(sent, name)
        if self._limits.get(place, size + 1) <= size:
            return None
        self._limits[place] = size
        refused, instead = f"{name}={_size(asked, name)}", f"{name}={size}"
        return Difference(asked.resource, refused, instead, failure.message)

    def fit(self, request: Request) -> Request:
        """Return the request with at most as many rows a page as were answered.

        A request with a page token keeps the size that the token was given for.
        """
        name = _size_parameter(request)
        if name is None or _TOKEN in request.parameters:
            return request
        limit = self._limits.get((request.resource, name))
        if limit is None or _size(request, name) <= limit:
            return request
        return request.with_parameters({name: limit})


class WithoutOptional:
    """Leaves out a parameter that only narrows or eases a request, where LinkedIn refuses it."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the request without the optional parameters that the refusal names."""
        if failure.status != _BAD_REQUEST:
            return None
        named = [name for name in _optional(request) if names(failure, name)]
        return _without(request, named) if named else None

    def guesses(self, request: Request) -> Iterator[Request]:
        """Yield the request without one optional parameter at a time, then without any."""
        found = _optional(request)
        for name in found:
            yield _without(request, [name])
        if len(found) > 1:
            yield _without(request, found)

    def learn(self, asked: Request, sent: Request, failure: Failure) -> Difference | None:
        """Remember what was left out, for all requests to the resource."""
        left_out = [
            name
            for name in _optional(asked)
            if name not in sent.parameters and (asked.resource, name) not in self._refused
        ]
        if not left_out:
            return None
        self._refused.update((asked.resource, name) for name in left_out)
        fewer = any(OPTIONAL[asked.resource, name] for name in left_out)
        instead = "the request without it" + (", so rows may be missing" if fewer else "")
        return Difference(asked.resource, ", ".join(left_out), instead, failure.message)

    def fit(self, request: Request) -> Request:
        """Return the request without what is refused.

        A request with a page token keeps the parameters that the token was given for.
        """
        known = [name for name in _optional(request) if (request.resource, name) in self._refused]
        return _without(request, known) if known and _TOKEN not in request.parameters else request


class OtherSpelling:
    """Writes a parameter in the other way that LinkedIn's pages show, where it refuses the one."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], str] = {}

    def instead(self, request: Request, failure: Failure) -> Request | None:
        """Return the request with the named parameter in its first spelling's other one.

        Each is tried once: from the spelling that the tap prefers to the other, never back.
        """
        if failure.status != _BAD_REQUEST:
            return None
        named = [name for name in _with_spellings(request) if names(failure, name)]
        return self._respelt(request, named) if named else None

    def guesses(self, request: Request) -> Iterator[Request]:
        """Yield the request with one parameter in its other spelling at a time, then with all."""
        found = _with_spellings(request)
        for name in found:
            yield self._respelt(request, [name])
        if len(found) > 1:
            yield self._respelt(request, found)

    def learn(self, asked: Request, sent: Request, failure: Failure) -> Difference | None:
        """Remember the spelling that was answered, for all requests to the resource."""
        changed = []
        for name in _with_spellings(asked):
            before, after = _kind(asked.parameters[name]), _kind(sent.parameters.get(name, ""))
            if before != after and self._refused.get((asked.resource, name)) != before:
                self._refused[asked.resource, name] = before
                changed.append((name, before, after))
        if not changed:
            return None
        refused = ", ".join(f"{name} written as {before}" for name, before, _ in changed)
        instead = ", ".join(f"{name} written as {after}" for name, _, after in changed)
        return Difference(asked.resource, refused, instead, failure.message)

    def fit(self, request: Request) -> Request:
        known = [
            name
            for name in _with_spellings(request)
            if self._refused.get((request.resource, name)) == _kind(request.parameters[name])
        ]
        return self._respelt(request, known) if known else request

    @staticmethod
    def _respelt(request: Request, found: Sequence[str]) -> Request:
        spelt = {name: _other(name, request.parameters[name]) for name in found}
        return _changed(request, {**request.parameters, **spelt})


def _size_parameter(request: Request) -> str | None:
    return next((name for name in _SIZES if name in request.parameters), None)


def _size(request: Request, name: str) -> int:
    return int(str(request.parameters[name]))


def _halved(request: Request, name: str) -> Request | None:
    size = _size(request, name)
    if size <= LEAST_ROWS:
        return None
    return _changed(request, {**request.parameters, name: max(size // 2, LEAST_ROWS)})


def _is_about_size(failure: Failure, name: str) -> bool:
    if failure.status != _BAD_REQUEST:
        return False
    said = failure.message.upper()
    return any(words in said for words in _TOO_LARGE) or names(failure, name)


def _optional(request: Request) -> list[str]:
    return [name for name in request.parameters if _is_optional(request, name)]


def _is_optional(request: Request, name: str) -> bool:
    return (request.resource, name) in OPTIONAL


def _without(request: Request, left_out: Sequence[str]) -> Request:
    return _changed(request, {n: v for n, v in request.parameters.items() if n not in left_out})


def _with_spellings(request: Request) -> list[str]:
    return [
        name
        for name, value in request.parameters.items()
        if (request.resource, name) in SPELLINGS
        and (not isinstance(value, (list, tuple)) or len(value) == 1)
    ]


def _kind(value: restli.Value) -> str:
    if isinstance(value, Mapping):
        return "a record"
    return "a list" if isinstance(value, (list, tuple)) else "a value"


def _other(name: str, value: restli.Value) -> restli.Value:
    if isinstance(value, Mapping):
        return value["value"]
    if isinstance(value, (list, tuple)):
        return t.cast("restli.Value", value[0])
    return {"value": value} if name in _ENUMERATIONS else [value]
