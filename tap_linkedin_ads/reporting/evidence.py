"""What cut answers prove, and whether the answers that replace them agree.

Rule LI-45: LinkedIn cuts an answer at 15,000 rows without a word. The rows that came nevertheless
exist: the smaller requests for the same ad accounts and days must together bring at least as many.
"""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.windows import Tally, Window

MOST_REPEATS = 2
"""How often the same ad account and day is asked again before its account is set aside."""


class Contradiction(t.NamedTuple):
    """Two answers about one ad account and day that cannot both be right.

    Attributes:
        account: Ad account id.
        day: The day, or the first day of a longer period.
        first: What the first answer held (``15,000 rows``).
        later: What the later ones held.
    """

    account: int
    day: dt.date
    first: str
    later: str


@dataclass(slots=True)
class _Proof:
    """Rows that exist for one ad account and day in one field group.

    Attributes:
        day: The day, or the first day of a longer period.
        campaigns: The campaigns whose rows were counted; empty means all.
        rows: How many there are at least.
        found: How many the whole answers since have held.
    """

    day: dt.date
    campaigns: frozenset[int]
    rows: int
    found: int = 0

    def concerns(self, chunk: Chunk) -> bool:
        """Whether a chunk of the same account and field group asks for some of the rows."""
        if not chunk.window.start <= self.day <= chunk.window.end:
            return False
        both = self.campaigns and chunk.campaigns
        return not both or not self.campaigns.isdisjoint(chunk.campaigns)


class Evidence:
    """The proofs of one report."""

    def __init__(self) -> None:
        self._proofs: dict[tuple[int, int], list[_Proof]] = collections.defaultdict(list)
        self._campaigns: dict[tuple[int, int, Window], set[int]] = {}
        self._repeats: collections.Counter[tuple[int, int, dt.date]] = collections.Counter()

    def prove(self, chunk: Chunk, tally: Tally) -> None:
        """Remember the rows of a cut answer."""
        campaigns = frozenset(chunk.campaigns)
        for account, by_day in tally.cells.items():
            proofs = (_Proof(day, campaigns, rows) for day, rows in by_day.items())
            self._proofs[chunk.group_number, account].extend(proofs)
        if len(chunk.accounts) == 1 and tally.by_campaign:
            place = chunk.group_number, chunk.accounts[0], chunk.window
            self._campaigns.setdefault(place, set()).update(tally.by_campaign)

    def add(self, chunk: Chunk, tally: Tally) -> None:
        for account in chunk.accounts:
            for proof in self._proofs.get((chunk.group_number, account), ()):
                if proof.concerns(chunk):
                    proof.found += tally.cells[account][proof.day]

    def settle(self, chunk: Chunk, still_open: Sequence[Chunk]) -> list[Contradiction]:
        """Compare what was proved with what came, where nothing is left to come.

        Args:
            chunk: The chunk that was answered last.
            still_open: All other chunks that are not answered yet, of the same field group.

        Returns:
            A contradiction for each ad account and day that has fewer rows than were proved.
            Whatever agrees is forgotten.
        """
        found = []
        for account in chunk.accounts:
            place = chunk.group_number, account
            if place not in self._proofs:
                continue
            others = [other for other in still_open if account in other.accounts]
            left = []
            for proof in self._proofs[place]:
                is_due = proof.concerns(chunk) and not any(map(proof.concerns, others))
                if not is_due or proof.found < proof.rows:
                    left.append(proof)
                if is_due and proof.found < proof.rows:
                    first, later = f"{proof.rows:,} rows", f"{proof.found:,}"
                    found.append(Contradiction(account, proof.day, first, later))
            self._proofs[place] = left
            if not left:
                del self._proofs[place]
        return found

    def missing(self, chunk: Chunk, campaigns: Iterable[int]) -> list[Contradiction]:
        """Compare a list of campaigns with the campaigns whose rows were seen on its days."""
        account, day = chunk.accounts[0], chunk.window.start
        seen = self._campaigns.get((chunk.group_number, account, chunk.window), set())
        lost = sorted(seen.difference(campaigns))
        if not lost:
            return []
        return [Contradiction(account, day, f"rows of campaign {lost[0]}", "a list without it")]

    def may_repeat(self, chunk: Chunk, found: Iterable[Contradiction]) -> bool:
        """Prepare to count anew for one ad account's chunk; False where it was asked too often."""
        place = chunk.group_number, chunk.accounts[0]
        for proof in self._proofs.get(place, ()):
            if proof.concerns(chunk):
                proof.found = 0
        repeats = {(*place, contradiction.day) for contradiction in found}
        self._repeats.update(repeats)
        return all(self._repeats[repeat] <= MOST_REPEATS for repeat in repeats)
