"""How a fault replaces an answer or spoils it."""

# ruff: noqa: ANN401, SIM905 - JSON may hold anything; names read like a table

from __future__ import annotations

import functools
import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.api import paging, rules, tokens
from sandbox.api.request import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.testing.faults import Fault

_Element: TypeAlias = "dict[str, Any]"

_IDENTITY = frozenset(
    "id account campaign campaignGroup user dateRange pivotValues conversion insightTag domainName "
    "owner leadType submittedAt urn companyPageUrl organization organizationalEntity roleAssignee "
    "timeRange share ugcPost author lifecycleState lastModifiedAt creative placement".split()
)
#: How lists begin that LinkedIn sends empty rather than not at all.
_FACETS = ("followerCountsBy", "pageStatisticsBy")
_STATUSES = ("status", "intendedStatus", "role", "type")
_STRUCTURE = frozenset(("year", "month", "day", "start", "end", "count", "total"))
_DECIMAL = re.compile(r'"(\w+)":"(-?\d+(?:\.\d+)?(?:E[+-]?\d+)?)"')
_NUMBER = re.compile(r'"(\w+)":(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[,}])')
_HTML = b"<html><body>Something went wrong</body></html>"
_HANG_SECONDS = 60.0
_FORBIDDEN, _NOT_FOUND = 403, 404


def instead(fault: Fault) -> Answer | None:
    """Return the answer that replaces the real one, None if the kind spoils it instead."""
    options = fault.options
    if fault.kind == "status":
        body = options.get("body", "")
        text = body if isinstance(body, str) else json.dumps(body)
        kind = options.get("content_type", "application/json")
        headers = {**_retry_after(fault), **options.get("headers", {})}
        return Answer(options["status"], text.encode(), kind, headers)
    if fault.kind == "html":
        return Answer(options.get("status", 200), _HTML, "text/html; charset=utf-8")
    if fault.kind == "reset":
        return Answer(0, b"", ending="reset")
    if fault.kind == "hang":
        return Answer(0, b"", ending="hang", seconds=options.get("seconds", _HANG_SECONDS))
    documented = _DOCUMENTED.get(fault.kind)
    if documented is None:
        return None
    refusal = documented(fault)
    return Answer(refusal.status, json.dumps(refusal.body).encode(), headers=_retry_after(fault))


def _retry_after(fault: Fault) -> dict[str, str]:
    seconds = fault.options.get("retry_after")
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _throttle(fault: Fault) -> rules.Refusal:
    level, unit = fault.options.get("level", "APPLICATION"), fault.options.get("unit", "DAY")
    return rules.legacy(
        "data_limit",
        429,
        f"Resource level throttle {level} {unit} limit for calls to this resource is reached.",
    )


def _refuse(fault: Fault) -> rules.Refusal:
    """Refuse a request that the documentation allows: LinkedIn may read its own pages otherwise.

    Options: ``status`` (400, 403 or 404), ``parameter`` and ``value`` that are at fault, and
    ``says``, how much the body tells of them: ``path`` (its ``fieldPath``), ``name`` (inside the
    message) or ``nothing``.
    """
    options = fault.options
    status, says = options.get("status", 400), options.get("says", "path")
    name, value = options.get("parameter", ""), options.get("value", "")
    if status == _FORBIDDEN:
        return rules.legacy(
            "param_invalid", 403, "Viewer don't have permission", code="ACCESS_DENIED"
        )
    if status == _NOT_FOUND:
        return rules.not_found()
    if says == "path":
        return rules.input_error(
            "param_invalid", "FIELD_INVALID", name, f"Invalid value {value} for field"
        )
    message = (
        f"Invalid value {value} for parameter '{name}'"
        if says == "name"
        else "Invalid query parameters passed to request"
    )
    return rules.legacy("param_invalid", 400, message)


#: Kinds that answer with a documented body.
_DOCUMENTED: dict[str, Callable[[Fault], rules.Refusal]] = {
    "expired_token": lambda _: tokens.expired_token(),
    "revoked_token": lambda _: tokens.revoked_token(),
    "invalid_token": lambda _: tokens.invalid_token(),
    "dead_page_token": lambda _: rules.invalid("pageToken", "page_token"),
    "refuse": _refuse,
    "throttle": _throttle,
    "throttle_data": lambda _: rules.data_limit(),
}


def spoil(fault: Fault, request: Request | None, answer: Answer) -> None:
    """Change a served answer as the fault demands.

    Args:
        fault: The fault.
        request: The request, None for one to the authorization server.
        answer: The answer, changed in place.
    """
    if fault.kind == "delay":
        answer.seconds += fault.options.get("seconds", 1.0)
    elif fault.kind == "reset_inside":
        answer.ending = "inside"
    elif fault.kind == "truncate":
        answer.body = answer.body[: max(1, len(answer.body) * 2 // 3)]
    elif fault.kind == "decimals_as_numbers":
        answer.body = _DECIMAL.sub(r'"\1":\2', answer.body.decode()).encode()
    elif fault.kind == "numbers_as_strings":
        answer.body = _NUMBER.sub(
            lambda m: m[0] if m[1] in _STRUCTURE else f'"{m[1]}":"{m[2]}"', answer.body.decode()
        ).encode()
    elif request is not None:
        payload = json.loads(answer.body)
        change = _ELEMENTS.get(fault.kind)
        if fault.kind == "rename":
            change = functools.partial(_rename, **fault.options)
        if change is None:
            _ENVELOPES[fault.kind](request, payload)
        else:
            for element in payload.get("elements", []):
                change(element)
        answer.body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def _omit_zeros(element: _Element) -> None:
    for name in [name for name, value in element.items() if _is_zero(value)]:
        del element[name]


def _is_zero(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    try:
        return not Decimal(value)
    except InvalidOperation:
        return False


def _extra_fields(element: _Element) -> None:
    element["undocumentedField"] = {"nested": [1, None, "ü"]}


def _extra_enum(element: _Element) -> None:
    for name in _STATUSES:
        if isinstance(element.get(name), str):
            element[name] = "BRAND_NEW_VALUE"


def _rename(element: _Element, key: str, to: str) -> None:
    if key in element:
        element[to] = element.pop(key)


def _drop_optional(element: _Element) -> None:
    for name in set(element) - _IDENTITY:
        if not name.startswith(_FACETS):
            del element[name]


_ELEMENTS: dict[str, Callable[[_Element], None]] = {
    "omit_zeros": _omit_zeros,
    "extra_fields": _extra_fields,
    "extra_enum": _extra_enum,
    "drop_optional": _drop_optional,
}


def _drop_elements(_: Request, payload: _Element) -> None:
    payload.pop("elements", None)


def _add_next_link(request: Request, payload: _Element) -> None:
    payload["paging"] = {"count": 10, "start": 0, "links": [next_link(request)]}


def _empty_page(request: Request, payload: _Element) -> None:
    if "paging" in payload:
        # Pages with start and count keep their links.
        payload["elements"] = []
        return
    last = 2**62 if request.params.get("sortOrder") == "DESCENDING" else 0
    token = request.params.get("pageToken") or paging.make_token(request, last)
    payload.update(elements=[], metadata={"nextPageToken": token})


def _duplicate_row(request: Request, payload: _Element) -> None:
    elements = payload.get("elements", [])
    for link in payload.get("paging", {}).get("links", []):
        if link["rel"] == "next":
            link["href"] = re.sub(
                r"([?&]start=)(\d+)", lambda m: f"{m[1]}{int(m[2]) - 1}", link["href"]
            )
    if len(elements) > 1 and "nextPageToken" in payload.get("metadata", {}):
        before = int(str(elements[-2]["id"]).rpartition(":")[2])
        payload["metadata"]["nextPageToken"] = paging.make_token(request, before)


_ENVELOPES: dict[str, Callable[[Request, _Element], None]] = {
    "drop_elements": _drop_elements,
    "next_link": _add_next_link,
    "empty_page": _empty_page,
    "duplicate_row": _duplicate_row,
}


def next_link(request: Request) -> dict[str, str]:
    """Return a rel=next link, which adAnalytics shows but does not serve."""
    others = "&".join(
        f"{name}={text}" for name, text in request.raw.items() if name not in {"start", "count"}
    )
    href = f"{request.path}?{others}&start=10&count=10"
    return {"rel": "next", "type": "application/json", "href": href}
