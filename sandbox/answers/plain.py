"""Endpoints of the plain resources: a finder by owner and a GET by id."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sandbox.answers.ads import envelope as ads_pages
from sandbox.answers.entities import no_role, project
from sandbox.answers.pages import envelope as community_pages
from sandbox.answers.pages import organizations, quota
from sandbox.api import rules
from sandbox.api.params import Enum, ListOf, Long, ParamType, Urn
from sandbox.api.request import ADS, Endpoint
from sandbox.world.plain import PLAIN, Plain, rows_of
from sandbox.world.world import urn_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.api.request import Request

Wire = dict[str, Any]
Served = tuple[list[Wire], dict[str, Any]]

_PAGE_SCOPES = ("r_organization_admin", "rw_organization_admin")


def _find(plain: Plain, request: Request) -> Served:
    found = request.params[plain.owner]
    owners: list[str] = found if plain.takes_list else [found]
    if not owners:
        raise rules.required(plain.owner)
    rows = [
        row
        for owner in owners
        if _exists(plain, request, owner)
        for row in rows_of(request.world, plain, owner)
    ]
    if plain.of_page:
        return community_pages.index_page(request, [project(row, request.fields) for row in rows])
    return ads_pages.page(request, rows, total=len(rows))


def _exists(plain: Plain, request: Request, owner: str) -> bool:
    """Whether an owner exists; refuses one on which the member has no role."""
    number = urn_id(owner)
    if plain.of_page:
        organizations.administered(request, owner)
        return True
    if number not in request.world.table("adAccounts"):
        return False
    if not request.world.readable(number):
        raise no_role(number)
    return True


def _get(plain: Plain, request: Request) -> Wire:
    row = request.world.table(plain.resource).get(request.keys["number"])
    if row is None or not _exists(plain, request, row[plain.owner_field]):
        raise rules.not_found()
    return project(row, request.fields)


def _endpoints(plain: Plain) -> Iterator[Endpoint]:
    owner: ParamType = Urn(("li:organization" if plain.of_page else "li:sponsoredAccount",))
    index: dict[str, ParamType] = {"start": Long("index_range"), "count": Long("index_range")}
    names = frozenset().union(*(plain.row(number, "", "", 0) for number in range(12)))
    scopes = plain.scopes or (_PAGE_SCOPES if plain.of_page else ADS)
    guarded = quota.guarded if plain.of_page else _unguarded
    yield Endpoint(
        plain.resource,
        plain.resource,
        "FINDER",
        guarded(functools.partial(_find, plain)),
        plain.finder,
        params={
            plain.owner: ListOf(owner) if plain.takes_list else owner,
            **index,
            **{name: Enum(frozenset(symbols)) for name, symbols in plain.options.items()},
        },
        required=(plain.owner,),
        scopes=scopes,
        schema=names,
    )
    yield Endpoint(
        plain.resource,
        f"{plain.resource}/{{number}}",
        "GET",
        guarded(functools.partial(_get, plain)),
        scopes=scopes,
        schema=names,
    )


def _unguarded(serve: Callable[[Request], Any]) -> Callable[[Request], Any]:
    return serve


ENDPOINTS: tuple[Endpoint, ...] = tuple(row for plain in PLAIN for row in _endpoints(plain))
