"""Declarations of LinkedIn's finders by owner: what a plain stream is made of."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from tap_linkedin_ads.api import restli, urn
from tap_linkedin_ads.api.pagination import CursorPages, IndexPages
from tap_linkedin_ads.api.request import Request

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_linkedin_ads.api.client import Client


@dataclass(frozen=True, slots=True)
class Cursor:
    """Cursor paging, with rows a page."""

    size: int

    def pages(self, client: Client, request: Request) -> CursorPages:
        return CursorPages(client, request, self.size)


@dataclass(frozen=True, slots=True)
class Index:
    """Index paging, with rows a page."""

    size: int

    def pages(self, client: Client, request: Request) -> IndexPages:
        return IndexPages(client, request, self.size)


@dataclass(frozen=True, slots=True)
class AccountFinder:
    """A finder that is asked once for each ad account.

    Attributes:
        resource: LinkedIn's resource.
        path: Path below ``/rest``; ``{account}`` stands for the ad account's number.
        criteria: Parameters in plain values.
        paging: Page style and size.
        account_parameter: The parameter that takes the ad account's URN, where the path does not
            name the account.
        takes_list: That parameter is a list of URNs.
        restli_method: Value of ``X-RestLi-Method``, where LinkedIn wants it.
    """

    resource: str
    path: str
    criteria: Mapping[str, restli.Value]
    paging: Cursor | Index
    account_parameter: str | None = None
    takes_list: bool = False
    restli_method: str | None = field(default=None)

    def with_criteria(self, **more: restli.Value) -> AccountFinder:
        return replace(self, criteria={**self.criteria, **more})

    def pages(self, client: Client, account: int, stream: str) -> CursorPages | IndexPages:
        criteria = dict(self.criteria)
        if self.account_parameter:
            value = urn.make("sponsoredAccount", account)
            criteria[self.account_parameter] = [value] if self.takes_list else value
        request = Request(
            self.resource,
            self.path.format(account=account),
            criteria,
            self.restli_method,
            stream,
        )
        return self.paging.pages(client, request)


@dataclass(frozen=True, slots=True)
class PageFinder:
    """A finder that is asked once for each company page.

    Attributes:
        resource: LinkedIn's resource, which is its path as well.
        criteria: Parameters in plain values.
        page_parameter: The parameter that takes the page's URN.
        paging: Page style and size.
    """

    resource: str
    criteria: Mapping[str, restli.Value]
    page_parameter: str
    paging: Cursor | Index

    def pages(self, client: Client, organization: int, stream: str) -> CursorPages | IndexPages:
        criteria = {**self.criteria, self.page_parameter: urn.make("organization", organization)}
        request = Request(self.resource, f"/{self.resource}", criteria, stream=stream)
        return self.paging.pages(client, request)
