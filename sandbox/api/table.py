"""The whole endpoint table: the rows of every part of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers.ads import endpoints as assets
from sandbox.answers.pages import endpoints as pages
from sandbox.api import resources

if TYPE_CHECKING:
    from sandbox.api.params import ParamType, Record
    from sandbox.api.resources import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *resources.ENDPOINTS,
    *assets.ENDPOINTS,
    *pages.ENDPOINTS,
)
#: Keys of paths: placeholder -> type; the others are numbers.
PATH_KEYS: dict[str, ParamType] = {
    **resources.PATH_URNS,
    **assets.PATH_KEYS,
    **pages.PATH_URNS,
}
COMPOUND_KEYS: dict[str, Record] = {**resources.COMPOUND_KEYS, **assets.COMPOUND_KEYS}
