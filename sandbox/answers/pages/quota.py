"""The development tier of the Community Management API.

500 calls per application and day, 100 per member and day, reset at 00:00 UTC, without
Retry-After; BATCH_GET is not available.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.api import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.api.request import Request


def guarded(serve: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """Return a resource that keeps to the tier of the application."""

    def checked(request: Request) -> Any:
        if request.switches.development_tier:
            _check(request)
        return serve(request)

    return checked


def _check(request: Request) -> None:
    endpoint = request.endpoint
    if endpoint.method == "BATCH_GET":
        raise rules.legacy(
            "development_batch",
            403,
            f"Not enough permissions to access: {endpoint.scope_text}.{request.version}01",
            serviceErrorCode=100,
            code="ACCESS_DENIED",
        )
    day = request.world.today
    with request.memory.lock:
        count = request.memory.calls[day] = request.memory.calls.get(day, 0) + 1
    # The sandbox has one application with one member, so both count the same calls.
    for level, limit in (
        ("MEMBER", request.switches.calls_per_member),
        ("APPLICATION", request.switches.calls_per_application),
    ):
        if count > limit:
            raise rules.legacy(
                "day_quota",
                429,
                f"Resource level throttle {level} DAY limit for calls to this resource is reached.",
                serviceErrorCode=101,
                code="TOO_MANY_REQUESTS",
            )
