"""Pivots of adAnalytics: by which values a creative's figures are grouped or split.

Entity pivots (ACCOUNT, CAMPAIGN, ...) put a whole creative into one row. The others split its
figures into parts; the parts of a figure that adds up are whole and sum to the figure again,
except for demographics, where small parts are left out.
"""

# ruff: noqa: SIM905 - names read like the tables in LinkedIn's documentation

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from sandbox.world.metrics import ALL_FAMILIES, METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world.figures import Delivery

ENTITY_PIVOTS = frozenset(
    ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE", "SHARE", "COMPANY", "OBJECTIVE_TYPE")
)
_SHARED = frozenset(
    "COMPANY ACCOUNT SHARE CAMPAIGN CREATIVE CAMPAIGN_GROUP CONVERSION CONVERSATION_NODE "
    "CONVERSATION_NODE_OPTION_INDEX SERVING_LOCATION CARD_INDEX PLACEMENT_NAME "
    "IMPRESSION_DEVICE_TYPE EVENT_STAGE".split()
)
MEMBER_PIVOTS = frozenset(
    "MEMBER_COMPANY_SIZE MEMBER_INDUSTRY MEMBER_SENIORITY MEMBER_JOB_TITLE MEMBER_JOB_FUNCTION "
    "MEMBER_COUNTRY_V2 MEMBER_REGION_V2 MEMBER_COMPANY MEMBER_COUNTY".split()
)
ANALYTICS_PIVOTS = _SHARED | MEMBER_PIVOTS
STATISTICS_PIVOTS = _SHARED | {"OBJECTIVE_TYPE"}
REVENUE_PIVOTS = frozenset(("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN"))

#: Demographic values with fewer events than this are dropped.
MEMBER_MINIMUM = 3
#: Demographic values kept per creative and day.
MEMBER_TOP = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a splitting pivot for one creative.

    Attributes:
        values: What pivotValues carries for it.
        below: Share of the figure that precedes this part, in units of ``whole``.
        upto: Share up to and including this part.
        whole: The unit.
    """

    values: tuple[str, ...]
    below: int
    upto: int
    whole: int

    def of(self, raws: Iterable[int]) -> list[int]:
        """Return this part of figures that add up."""
        below, upto, whole = self.below, self.upto, self.whole
        return [raw * upto // whole - raw * below // whole for raw in raws]


@dataclass(frozen=True)
class Split:
    """How one pivot splits a creative.

    Attributes:
        values: Possible values, in order of falling weight.
        families: Families the pivot has figures for.
        needs: Family a creative must have to appear at all.
        used: How many of the values one creative has, at most.
    """

    values: tuple[tuple[str, ...], ...]
    families: frozenset[str] = ALL_FAMILIES
    needs: str = "delivery"
    used: int = 1000


def _plain(*values: str) -> tuple[tuple[str, ...], ...]:
    return tuple((value,) for value in values)


def _urns(kind: str, first: int, count: int, step: int = 1) -> tuple[tuple[str, ...], ...]:
    return tuple((f"urn:li:{kind}:{first + number * step}",) for number in range(count))


_CONVERSION_FAMILIES = frozenset(("conversions", "viral conversions"))
_CARD_FAMILIES = frozenset(("cards", "viral cards", "delivery", "cost", "reach"))

SPLITS: dict[str, Split] = {
    "IMPRESSION_DEVICE_TYPE": Split(
        _plain("MOBILE_APP", "DESKTOP_WEB", "MOBILE_WEB", "UNDETECTED")
    ),
    "SERVING_LOCATION": Split(_plain("ON_SITE", "OFF_SITE", "UNKNOWN")),
    "PLACEMENT_NAME": Split(_plain("LINKEDIN_FEED", "RIGHT_RAIL", "AUDIENCE_NETWORK", "UNKNOWN")),
    "CARD_INDEX": Split(_plain("0", "1", "2", "3", "4"), _CARD_FAMILIES, "cards"),
    "EVENT_STAGE": Split(_plain("PRE_LIVE", "LIVE", "POST_LIVE"), needs="events"),
    "CONVERSATION_NODE": Split(_plain("501", "502", "503"), needs="messaging"),
    "CONVERSATION_NODE_OPTION_INDEX": Split(
        (("501", "0"), ("501", "1"), ("502", "0")), frozenset(("messaging",)), "messaging"
    ),
    "MEMBER_COMPANY_SIZE": Split(
        _plain(
            *"SIZE_51_TO_200 SIZE_201_TO_500 SIZE_11_TO_50 SIZE_1001_TO_5000 SIZE_10001_OR_MORE "
            "SIZE_501_TO_1000 SIZE_2_TO_10 SIZE_5001_TO_10000 SIZE_1".split()
        )
    ),
    "MEMBER_INDUSTRY": Split(_urns("industry", 4, 60, 2), used=25),
    "MEMBER_SENIORITY": Split(_urns("seniority", 1, 10)),
    "MEMBER_JOB_TITLE": Split(_urns("title", 1, 400, 3), used=120),
    "MEMBER_JOB_FUNCTION": Split(_urns("function", 1, 26)),
    "MEMBER_COUNTRY_V2": Split(_urns("geo", 101282230, 40, 7), used=15),
    "MEMBER_REGION_V2": Split(_urns("geo", 90009490, 90, 3), used=40),
    "MEMBER_COUNTY": Split(_urns("geo", 104000000, 90, 11), used=40),
    "MEMBER_COMPANY": Split(_urns("organization", 1035, 300, 17), used=130),
}


def parts_of(delivery: Delivery, pivot: str, conversions: list[int]) -> tuple[Part, ...]:
    """Return the parts into which a pivot splits a creative, empty if it has none.

    Args:
        delivery: The creative.
        pivot: A pivot that is no entity pivot.
        conversions: Ids of the account's conversions, for the CONVERSION pivot.

    Returns:
        Parts whose shares cover the whole figure.
    """
    split = split_of(pivot, conversions)
    return _parts(delivery.mark, pivot, split) if split.needs in delivery.families else ()


@lru_cache(maxsize=5_000)
def _parts(mark: int, pivot: str, split: Split) -> tuple[Part, ...]:
    chosen = list(split.values)
    if len(chosen) > split.used:
        offset = crc32(f"{mark}{pivot}".encode()) % len(chosen)
        chosen = (chosen + chosen)[offset : offset + split.used]
    # Falling weights 1/1, 1/2, 1/3 ... as shares in demographics usually are.
    weights = [10_000 // (rank + 1) for rank in range(len(chosen))]
    parts: list[Part] = []
    below = 0
    whole = sum(weights)
    for values, weight in zip(chosen, weights, strict=True):
        parts.append(Part(values, below, below + weight, whole))
        below += weight
    return tuple(parts)


def split_of(pivot: str, conversions: list[int]) -> Split:
    """Return how a pivot splits creatives of an account with these conversions."""
    if pivot == "CONVERSION":
        return Split(
            tuple((f"urn:lla:llaPartnerConversion:{number}",) for number in conversions),
            _CONVERSION_FAMILIES,
            "conversions",
        )
    return SPLITS[pivot]


def splittable(name: str, pivots: tuple[str, ...]) -> bool:
    """Tell whether a metric has figures under every splitting pivot of a report."""
    family = METRICS[name].family
    return all(family in split_of(pivot, []).families for pivot in pivots)
