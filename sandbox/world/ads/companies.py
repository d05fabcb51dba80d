"""How companies met an advertiser: a function of seed, account, company and absolute date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.world.world import World

Wire = dict[str, Any]

WINDOWS = {
    "LAST_7_DAYS": 7,
    "LAST_30_DAYS": 30,
    "LAST_60_DAYS": 60,
    "LAST_90_DAYS": 90,
    "LAST_180_DAYS": 180,
    "LAST_365_DAYS": 365,
}
#: Days between the end of a window and today.
DELAY = 2
#: Counts below this are shown as zero, to protect members.
THRESHOLD = 3
#: Companies of an account that does not say how many it has.
DEFAULT_COMPANIES = 4
#: Metric -> largest events per company in a thousand days.
_RATES = {
    "organicImpressions": 9000,
    "organicEngagements": 1200,
    "paidImpressions": 60_000,
    "paidClicks": 2400,
    "paidEngagements": 5000,
    "paidLeads": 160,
    "paidQualifiedLeads": 70,
    "conversions": 220,
    "paidVideoViews": 7000,
}
COUNTS = tuple(_RATES)
ORGANIC = ("organicImpressions", "organicEngagements")
_SIZES = (
    "SIZE_2_TO_10",
    "SIZE_11_TO_50",
    "SIZE_51_TO_200",
    "SIZE_201_TO_500",
    "SIZE_501_TO_1000",
    "SIZE_10001_OR_MORE",
    "$UNKNOWN",
)
_LEVELS = ((1200, "VERY_HIGH"), (700, "HIGH"), (300, "MEDIUM"), (100, "LOW"), (0, "VERY_LOW"))


def rows(
    world: World,
    account: int,
    window: str = "LAST_90_DAYS",
    segments: Sequence[str] = (),
    campaign: str | None = None,
) -> Iterator[Wire]:
    """Yield every company with activity, with every field, in no order.

    Args:
        world: The world.
        account: Id of the ad account.
        window: Lookback window; it ends two days before today.
        segments: URNs of segments, of which a company must be in one.
        campaign: URN of the only campaign that counts; organic figures are zero then.

    Yields:
        Wire dicts as the newest version sends them.
    """
    last = world.today.toordinal() - DELAY
    days = WINDOWS[window]
    for index in range(world.companies.get(account, DEFAULT_COMPANIES)):
        if segments and not any(crc32(f"{urn}:{index}".encode()) % 3 == 0 for urn in segments):
            continue
        key = f"{world.seed}:{account}:{index}"
        counts: dict[str, int] = {}
        for name, most in _RATES.items():
            rate = crc32(f"{key}:{name}".encode()) % most
            if campaign is not None:
                share = crc32(f"{key}:{campaign}".encode()) % 4
                rate = 0 if name in ORGANIC else rate * share // 8
            found = rate * last // 1000 - rate * (last - days) // 1000
            counts[name] = found if found >= THRESHOLD else 0
        if any(counts.values()):
            yield _company(key, index, counts, days)


def _company(key: str, index: int, counts: dict[str, int], days: int) -> Wire:
    mark = crc32(key.encode())
    activity = (counts["paidEngagements"] + counts["organicEngagements"]) * 100 // days
    known = mark % 9 != 0
    return {
        "companyName": f"Härbor & Finch {index} GmbH",
        "companyPageUrl": f"https://www.linkedin.com/company/harbor-finch-{mark:08x}-{index}",
        "companyWebsite": f"http://www.harbor-finch-{index}.example" if known else "",
        "engagementLevel": next(level for least, level in _LEVELS if activity >= least),
        **counts,
        "companySize": _SIZES[mark % len(_SIZES)],
        "industry": f"urn:li:industry:{mark % 140}" if known else "urn:li:industry:0",
        "countryCode": ("DE", "US", "BR", "JP")[mark % 4] if known else "",
        "costInLocalCurrencyPerPaidQualifiedLead": (
            round(mark % 9000 / 37, 4) if counts["paidQualifiedLeads"] else 0.0
        ),
    }
