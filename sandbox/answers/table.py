"""The whole endpoint table: the rows of every part of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers import endpoints as account_structure
from sandbox.answers import plain
from sandbox.answers.ads import endpoints as assets
from sandbox.answers.pages import endpoints as pages

if TYPE_CHECKING:
    from sandbox.api.params import ParamType, Record
    from sandbox.api.request import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *account_structure.ENDPOINTS,
    *assets.ENDPOINTS,
    *pages.ENDPOINTS,
    *plain.ENDPOINTS,
)
#: Keys of paths: placeholder -> type; the others are numbers.
PATH_KEYS: dict[str, ParamType] = {
    **account_structure.PATH_URNS,
    **assets.PATH_KEYS,
    **pages.PATH_URNS,
}
COMPOUND_KEYS: dict[str, Record] = {**account_structure.COMPOUND_KEYS, **assets.COMPOUND_KEYS}
