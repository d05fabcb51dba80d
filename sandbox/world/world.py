"""The data behind the sandbox: entities in LinkedIn's wire shape and their figures.

A world is deterministic and can be changed while the sandbox serves it: accounts appear, roles
are taken away, entities are renamed, days are restated, time moves on.
"""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.world import truth as truth_rows
from sandbox.world.clock import Clock
from sandbox.world.copies import copied
from sandbox.world.figures import Delivery, Figures
from sandbox.world.pages.page_world import Pages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from sandbox.world.draws import Sent

Wire: TypeAlias = dict[str, Any]
Key: TypeAlias = "int | str | tuple[str, str]"

READER_ROLES = (
    "ACCOUNT_BILLING_ADMIN",
    "ACCOUNT_MANAGER",
    "CAMPAIGN_MANAGER",
    "CREATIVE_MANAGER",
    "VIEWER",
)


def urn_id(urn: str) -> int:
    """Return the number at the end of a URN."""
    return int(urn.rpartition(":")[2])


def account_urn(account: int) -> str:
    """Return the URN of an ad account."""
    return f"urn:li:sponsoredAccount:{account}"


class World:
    """Ad accounts with everything below them.

    Attributes:
        seed: Seed of names and figures.
        clock: The time, shared by everything that serves this world.
        figures: The source of all figures.
        rows: Wire dicts by resource name and key, in the shape of a single GET.
        deliveries: What the figures know about each creative, by creative id.
        roles: Role of the token's member by account id; an account without one is unreadable.
        member: URN of the token's member.
        conversions: Ids of conversions by account id.
        crm_accounts: Accounts connected to a CRM, the only ones with attributed revenue.
        revision: Changes whenever an entity changes.
        shared_conversions: Ids of other accounts' conversions, by account they are shared with.
        companies: Number of companies that met an advertiser, by account id.
        pages: Company pages with posts and media.
    """

    def __init__(self, seed: int = 7, today: dt.date | None = None, *, full: bool = False) -> None:
        """Start empty.

        Args:
            seed: Seed of names and figures.
            today: The day on which LinkedIn believes to be; None follows the machine's clock.
            full: Every metric of every creative is non-zero on every day.
        """
        self.seed = seed
        self.clock = Clock(today)
        self.figures = Figures(seed, full=full)
        self.rows: dict[str, dict[Key, Wire]] = {}
        self.deliveries: dict[int, Delivery] = {}
        self.roles: dict[int, str] = {}
        self.member = "urn:li:person:qZ7xK2mPlB"
        self.conversions: dict[int, list[int]] = {}
        self.crm_accounts: set[int] = set()
        self.revision = 0
        self._lock = threading.RLock()
        self._by_account: dict[tuple[str, int], tuple[int, list[Wire]]] = {}
        self.shared_conversions: dict[int, list[int]] = {}
        self.companies: dict[int, int] = {}
        self.pages = Pages(self)

    # -- time ---------------------------------------------------------------------------------

    @property
    def today(self) -> dt.date:
        """The current day, UTC."""
        return self.clock.today

    @today.setter
    def today(self, day: dt.date | None) -> None:
        self.clock.set(day)

    @property
    def now(self) -> int:
        """The current instant in milliseconds; noon (UTC) where the day is a chosen one."""
        return int(self.clock.now() * 1000)

    def next_day(self) -> dt.date:
        """Move on to the next UTC day, on which daily quotas start again."""
        self.clock.advance(86_400)
        return self.today

    # -- entities -----------------------------------------------------------------------------

    @property
    def accounts(self) -> list[Wire]:
        """All ad accounts, in the shape of a search row."""
        return self._copies("adAccounts")

    @property
    def campaign_groups(self) -> list[Wire]:
        """All campaign groups, in the shape of a search row."""
        return self._copies("adCampaignGroups")

    @property
    def campaigns(self) -> list[Wire]:
        """All campaigns, in the shape of a search row."""
        return self._copies("adCampaigns")

    @property
    def creatives(self) -> list[Wire]:
        """All creatives."""
        return self._copies("creatives")

    @property
    def account_users(self) -> list[Wire]:
        """All account users, as the finder ``accounts`` returns them."""
        return [copied(row) for row in list(self.table("adAccountUsers").values())]

    def _copies(self, resource: str) -> list[Wire]:
        rows = list(self.table(resource).values())
        return [copied(search_row(row)) for row in rows]

    def table(self, resource: str) -> dict[Key, Wire]:
        """Return the rows of a resource by key."""
        return self.rows.setdefault(resource, {})

    def put(self, resource: str, key: Key, row: Wire) -> None:
        """Add or replace a row.

        Args:
            resource: Name of the resource, e.g. ``adCampaigns``.
            key: Its key.
            row: Its wire shape.
        """
        with self._lock:
            self.table(resource)[key] = row
            self.revision += 1

    def delete(self, resource: str, key: Key) -> None:
        """Delete a row, as LinkedIn does with drafts: nothing says that it was there."""
        with self._lock:
            del self.table(resource)[key]
            self.revision += 1

    def of_account(self, resource: str, account: int) -> list[Wire]:
        """Return the rows below an account, ascending by id; do not change the list."""
        cached = self._by_account.get((resource, account))
        if cached is not None and cached[0] == self.revision:
            return cached[1]
        with self._lock:
            by_account: dict[int, list[tuple[Any, Wire]]] = {}
            for key, row in self.table(resource).items():
                by_account.setdefault(urn_id(row["account"]), []).append((key, row))
            for owner, found in by_account.items():
                found.sort(key=lambda pair: pair[0])
                rows = [row for _, row in found]
                self._by_account[resource, owner] = (self.revision, rows)
            if account not in by_account:
                self._by_account[resource, account] = (self.revision, [])
            return self._by_account[resource, account][1]

    def readable(self, account: int) -> bool:
        """Tell whether the token's member has a role on an account."""
        return account in self.roles

    # -- changes ------------------------------------------------------------------------------

    def revoke_access(self, account: int) -> None:
        """Take the member's role on an account away."""
        with self._lock:
            self.roles.pop(account, None)
            self.revision += 1

    def grant_access(self, account: int, role: str = "ACCOUNT_MANAGER") -> None:
        """Give the member a role on an account."""
        if role not in READER_ROLES:
            raise ValueError(role)
        with self._lock:
            self.roles[account] = role
            self.revision += 1

    def change(self, resource: str, key: Key, /, **changes: Any) -> Wire:
        """Change fields of an entity and move its lastModified on.

        Args:
            resource: Name of the resource, such as ``adCampaigns`` or ``conversions``.
            key: Its key, such as the numeric id.
            **changes: New values by wire name; None removes an optional key;
                ``lastModified`` sets the time in milliseconds, otherwise it grows by a second.

        Returns:
            The changed row.
        """
        with self._lock:
            row = copied(self.table(resource)[key])
            time = changes.pop("lastModified", None)
            if "changeAuditStamps" in row:
                stamp = row["changeAuditStamps"]["lastModified"]
                stamp["time"] = stamp["time"] + 1000 if time is None else time
            elif "lastModifiedAt" in row:
                row["lastModifiedAt"] = row["lastModifiedAt"] + 1000 if time is None else time
            elif isinstance(row.get("lastModified"), dict):
                stamp = row["lastModified"]
                stamp["time"] = stamp["time"] + 1000 if time is None else time
            elif "lastModified" in row:
                row["lastModified"] = row["lastModified"] + 1000 if time is None else time
            for name, value in changes.items():
                if value is None:
                    row.pop(name, None)
                else:
                    row[name] = value
            self.put(resource, key, row)
            return row

    def restate(self, creative: int, day: dt.date, figures: Mapping[str, Sent | Decimal]) -> None:
        """Replace figures of one creative on one day.

        Args:
            creative: Numeric id.
            day: The day.
            figures: New figures by metric; BigDecimal as string or Decimal.
        """
        with self._lock:
            self.figures.restate(self.deliveries[creative], day, figures)
            self.revision += 1

    def restate_day(self, day: dt.date) -> None:
        """Redraw all figures of one day."""
        with self._lock:
            self.figures.revise(day.toordinal())
            self.revision += 1

    # -- truth --------------------------------------------------------------------------------

    def truth(  # noqa: PLR0913, PLR0917 - a report has that many sides
        self,
        pivots: Iterable[str],
        start: dt.date,
        end: dt.date,
        metrics: Iterable[str],
        accounts: Iterable[int] | None = None,
        granularity: str = "DAILY",
        campaigns: Iterable[int] | None = None,
    ) -> Iterator[truth_rows.TruthRow]:
        """Yield what LinkedIn knows, without access rights, cap or order.

        Demographics (MEMBER_*) end yesterday, and lack what LinkedIn drops to protect members:
        values below three events, and those beyond the first 100 of a creative-day.

        Args:
            pivots: Pivots such as ``("CREATIVE",)``.
            start: First day.
            end: Last day.
            metrics: Metric names.
            accounts: Account ids, None for all.
            granularity: DAILY, MONTHLY, YEARLY or ALL.
            campaigns: Campaign ids, None for all; what a report with that facet is about.

        Yields:
            ``(start, end, pivot values, {metric: value})`` for every row in which at least one
            metric is non-zero; values as LinkedIn sends them.
        """
        question = truth_rows.Question(
            pivots=tuple(pivots),
            start=start,
            end=end,
            metrics=tuple(metrics),
            accounts=None if accounts is None else frozenset(accounts),
            granularity=granularity,
            campaigns=None if campaigns is None else frozenset(campaigns),
        )
        return truth_rows.rows(self, question)


def search_row(row: Wire) -> Wire:
    """Return the row as finders show it: changeAuditStamps without actors."""
    stamps = row.get("changeAuditStamps")
    if stamps is None:
        return row
    return {
        **row,
        "changeAuditStamps": {name: {"time": stamp["time"]} for name, stamp in stamps.items()},
    }
