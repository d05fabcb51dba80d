"""The whole endpoint table: the rows of every part of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import resources
from sandbox.pages import endpoints as pages

if TYPE_CHECKING:
    from sandbox.params import Record, Urn
    from sandbox.resources import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*resources.ENDPOINTS, *pages.ENDPOINTS)
#: Keys of paths: placeholder -> type; the others are numbers.
PATH_URNS: dict[str, Urn] = {**resources.PATH_URNS, **pages.PATH_URNS}
COMPOUND_KEYS: dict[str, Record] = {**resources.COMPOUND_KEYS}
