"""Judges the answers of ``check --contract``. Pure."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.cli.contract.calls import (
    DEFAULT_COUNT,
    LIVING,
    NOBODYS_ACCOUNT,
    OK,
    account_of,
)
from tap_linkedin_ads.cli.contract.questions import Answer, Finding, Known, judged

if t.TYPE_CHECKING:
    from collections.abc import Callable


def id_is_number(answer: Answer, _: Known) -> Finding:
    """Ids of ad accounts are numbers."""
    ids = [row.get("id") for row in answer.elements]
    kinds = {type(found).__name__ for found in ids}
    return judged(holds=all(isinstance(i, int) for i in ids) if ids else None,
                  detail=f"id is {', '.join(kinds) or 'not there'}")  # fmt: skip


def batch(answer: Answer, known: Known) -> Finding:
    """The known id is under results, the unknown one under errors."""
    errors, results = answer.get("errors"), answer.get("results")
    told = isinstance(errors, dict) and str(NOBODYS_ACCOUNT) in errors
    kept = isinstance(results, dict) and str(account_of(known)) in results
    detail = f"{answer.said}, the unknown id is {'' if told else 'not '}under errors"
    return judged(holds=answer.status == OK and told and kept, detail=detail)


def no_criteria(answer: Answer, known: Known) -> Finding:
    """No status is there but those of campaigns that live."""
    every = {str(row.get("status")) for row in known.rows("campaigns")}
    found = {str(row.get("status")) for row in answer.elements}
    if answer.status != OK or found - LIVING:
        return judged(holds=False, detail=f"{answer.said} {', '.join(sorted(found))}".strip())
    detail = f"{', '.join(sorted(found)) or 'none'} of {', '.join(sorted(every)) or 'none'}"
    return judged(holds=True if every - LIVING else None, detail=detail)


def more_than_ten(answer: Answer, _: Known) -> Finding:
    """There are more rows than LinkedIn's default page holds."""
    count = len(answer.elements)
    holds = None if answer.status == OK and count < DEFAULT_COUNT else count > DEFAULT_COUNT
    return judged(holds=holds, detail=f"{answer.said}, {count} rows")


def no_link(answer: Answer, _: Known) -> Finding:
    """No link leads to a next page."""
    links = answer.get("paging", "links")
    relations = [link.get("rel") for link in links] if isinstance(links, list) else []
    holds = "next" not in relations if answer.elements else None
    return judged(holds=holds, detail=f"links: {', '.join(map(str, relations)) or 'none'}")


def zeros_are_there(answer: Answer, _: Known) -> Finding:
    """A metric without activity is 0 rather than left out."""
    absent = sum("commentLikes" not in row for row in answer.elements)
    zero = sum(row.get("commentLikes") == 0 for row in answer.elements)
    holds = None if not absent + zero else absent == 0
    return judged(holds=holds, detail=f"{zero} rows with 0, {absent} rows without the metric")


def text_money(answer: Answer, _: Known) -> Finding:
    """Money is a text."""
    kinds = {type(row["costInUsd"]).__name__ for row in answer.elements if "costInUsd" in row}
    return judged(holds=kinds == {"str"} if kinds else None, detail=", ".join(kinds) or "no row")


def is_empty(answer: Answer, _: Known) -> Finding:
    """The answer is 200 without rows."""
    holds = answer.status == OK and not answer.elements
    return judged(holds=holds, detail=f"{answer.said}, {len(answer.elements)} rows")


def facets(prefix: str, most: int | None = None) -> Callable[[Answer, Known], Finding]:
    """Return a judge of lifetime statistics: one element with a list for each facet.

    Args:
        prefix: How the names of the lists begin.
        most: The most values that a list holds.
    """

    def judge(answer: Answer, _: Known) -> Finding:
        lists = {
            name: found
            for row in answer.elements
            for name, found in row.items()
            if name.startswith(prefix)
        }
        longest = max(
            (len(found) for found in lists.values() if isinstance(found, list)), default=0
        )
        holds = len(answer.elements) == 1 and bool(lists) and (most is None or longest <= most)
        detail = f"{answer.said}, {len(answer.elements)} elements, {len(lists)} facets"
        return judged(holds=holds, detail=f"{detail}, {longest} values at most")

    return judge


def single_days(answer: Answer, _: Known) -> Finding:
    """Every row is of one day."""
    ranges = [row.get("dateRange") or {} for row in answer.elements]
    if answer.status != OK or not ranges:
        return judged(holds=None if answer.status == OK else False, detail=answer.said)
    holds = all(one.get("start") == one.get("end") for one in ranges)
    return judged(holds=holds, detail=f"{len(ranges)} rows")


def clipped(answer: Answer, _: Known) -> Finding:
    """A row begins on the 15th, like the range that was asked for."""
    starts = {(row.get("dateRange") or {}).get("start", {}).get("day") for row in answer.elements}
    holds = None if answer.status == OK and not starts else 15 in starts  # noqa: PLR2004
    return judged(holds=holds, detail=f"{answer.said}, rows start on day {sorted(starts, key=str)}")


def role_key(answer: Answer, _: Known) -> Finding:
    """The page stands under ``organization``."""
    keys = {n for row in answer.elements for n in row if n.startswith("organization")}
    holds = keys == {"organization"} if keys else (None if answer.status == OK else False)
    return judged(holds=holds, detail=f"{answer.said} {', '.join(sorted(keys))}".strip())


def followers(answer: Answer, _: Known) -> Finding:
    """The number of followers is an integer."""
    size = answer.get("firstDegreeSize")
    return judged(holds=isinstance(size, int), detail=answer.said)
