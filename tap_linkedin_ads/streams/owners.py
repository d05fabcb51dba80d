"""Whose rows a stream reads: an ad account's or a company page's."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.api.resources import ACCOUNT_ID, ORGANIZATION_ID

_UNITS = {ACCOUNT_ID: "accounts", ORGANIZATION_ID: "pages"}
_URN_COLUMNS = {ACCOUNT_ID: "account_urn", ORGANIZATION_ID: "organization_urn"}
_URN_TYPES = {ACCOUNT_ID: "sponsoredAccount", ORGANIZATION_ID: "organization"}


class Owner(t.NamedTuple):
    """An ad account or a company page.

    Attributes:
        key: ``account_id`` or ``organization_id``.
        owner_id: Its number.
    """

    key: str
    owner_id: int

    @property
    def unit(self) -> str:
        return _UNITS[self.key]

    @property
    def urn_column(self) -> str:
        return _URN_COLUMNS[self.key]

    @property
    def urn_type(self) -> str:
        """Return the type in its URN, which is also its member of LinkedIn's unions of owners."""
        return _URN_TYPES[self.key]

    @property
    def urn(self) -> str:
        return urn.make(self.urn_type, self.owner_id)
