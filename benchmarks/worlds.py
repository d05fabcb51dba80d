"""The worlds of the benchmarks, made alike in every process from a recipe."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.world import worlds

if TYPE_CHECKING:
    from sandbox import World

#: The day of the whole benchmark; peers read the clock, so it has to be today.
TODAY = dt.datetime.now(dt.timezone.utc).date()


@dataclass(frozen=True)
class Recipe:
    """How to make a world.

    Attributes:
        name: ``reference`` or ``agency``.
        days: Length of its history, the present day included.
        sizes: Further arguments of that world.
        silent: Of three ad accounts of an agency, how many have had no delivery.
        today: The day on which LinkedIn believes to be.
    """

    name: str
    days: int
    sizes: dict[str, int] = field(default_factory=dict)
    silent: int = 0
    today: str = TODAY.isoformat()

    def make(self) -> World:
        """Make the world; the same recipe gives the same world."""
        today = dt.date.fromisoformat(self.today)
        # These worlds count the present day differently.
        days = self.days if self.name == "reference" else self.days - 1
        world = worlds.WORLDS[self.name](today=today, days=days, **self.sizes)
        for number, delivery in list(world.deliveries.items()):
            if delivery.account % 3 < self.silent:
                del world.deliveries[number]
        return world

    def start(self, days: int | None = None) -> dt.date:
        """Return the first of the last days, by default of the whole history."""
        return dt.date.fromisoformat(self.today) - dt.timedelta(days=(days or self.days) - 1)

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as plain data."""
        return asdict(self)
