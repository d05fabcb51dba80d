"""Resources with one finder by owner, a GET by id, and nothing else to know about them.

One entry of ``PLAIN`` serves one: ``answers/plain.py`` makes its endpoints from it, and the small
world gets its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.world.ads import wire
from sandbox.world.world import account_urn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.world.world import World

Wire = dict[str, Any]

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Plain:
    """A plain resource.

    Attributes:
        resource: Its name.
        finder: Value of ``q``.
        owner: The parameter that takes the URN of the ad account or page.
        row: Makes a row of an id, its owner's URN, the member who made it and the milliseconds of
            its making. The row names its owner under ``owner_field``.
        first: Where the ids of its rows begin.
        owner_field: Where rows name their owner.
        of_page: The owner is a company page, and not an ad account.
        takes_list: ``owner`` takes a list of URNs.
        scopes: The token needs one of these; empty for those of the owner's kind.
        options: Further optional parameters, with the symbols they accept.
    """

    resource: str
    finder: str
    owner: str
    row: Callable[[int, str, str, int], Wire]
    first: int = 10_000_000
    owner_field: str = "account"
    of_page: bool = False
    takes_list: bool = False
    scopes: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PLAIN: tuple[Plain, ...] = (
    Plain("adSegments", "accounts", "accounts", wire.ad_segment, 22_660_000, takes_list=True),
)


def rows_of(world: World, plain: Plain, owner: str) -> list[Wire]:
    """Return the rows of an owner, by id."""
    rows = (row for _, row in sorted(world.table(plain.resource).items(), key=lambda r: str(r[0])))
    return [row for row in rows if row[plain.owner_field] == owner]


def add_rows(world: World) -> None:
    """Give the first owner more rows than a page of ten, the next one two, all others none."""
    accounts = sorted(key for key in world.table("adAccounts") if isinstance(key, int))
    pages = sorted(world.pages.organizations)
    for plain in PLAIN:
        owners = [n for n in pages if world.pages.administers(n)] if plain.of_page else accounts
        for owner, rows in zip(owners, (13, 2), strict=False):
            urn = f"urn:li:organization:{owner}" if plain.of_page else account_urn(owner)
            first = plain.first + owner % 1000 * 100
            for number in range(first, first + rows):
                age = 100 + number % 60
                made = (world.today.toordinal() - 719_163 - age) * _DAY_MS + 36_000_000
                world.put(plain.resource, number, plain.row(number, urn, world.member, made))
