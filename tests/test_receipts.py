"""What a run read of each report, ad account and day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.metrics import FieldGroup, catalogue, field_groups
from tap_linkedin_ads.reporting.receipts import DayRead, Figures, ReceiptBook, Totals
from tap_linkedin_ads.reporting.windows import DAY, Window

METRICS = catalogue(schema.read("metrics")["properties"])
FIRST = dt.date(2026, 11, 1)
COST = b'"cost_in_local_currency":1.25'
COUNTS = b'"impressions":7,"clicks":2'


def groups(*columns: str) -> tuple[FieldGroup, ...]:
    """Return one field group for each metric."""
    found = {metric.column: metric for metric in METRICS}
    return tuple(field_groups([found[column]])[0] for column in columns)


def day(number: int) -> dt.date:
    """Return a day of November."""
    return FIRST + DAY * (number - 1)


ALL = groups("shares", "impressions", "cost_in_local_currency", "clicks")


@pytest.mark.parametrize(
    ("impressions", "clicks", "cost", "same"),
    [
        (7, 2, "1.25", True),
        (7, 2, "1.26", True),
        (7, 2, "1.24", True),
        (7, 2, "1.261", False),
        (7, 2, "1.239", False),
        (8, 2, "1.25", False),
        (7, 1, "1.25", False),
    ],
)
def test_figures_match_but_for_a_rounding_of_cost(
    impressions: int, clicks: int, cost: str, *, same: bool
) -> None:
    """Counts are the same, and cost differs by a hundredth at most."""
    known = Figures(7, 2, Decimal("1.25"))
    assert known.matches(Figures(impressions, clicks, Decimal(cost))) == same


def test_figures_add_up() -> None:
    """Each for itself, with every digit."""
    found = Figures()
    found.add(Figures(7, 2, Decimal("1.25")))
    found.add(Figures(1, 4, Decimal("0.001")))
    assert found == Figures(8, 6, Decimal("1.251"))


def test_figures_are_taken_from_the_field_groups_that_hold_them() -> None:
    """What the others hold counts for nothing; null is unknown."""
    totals = Totals(ALL)
    assert totals.group_numbers == [1, 2, 3]
    row = [b'"shares":5', b'"impressions":7', COST, b'"clicks":2']
    assert totals.of_row(row) == Figures(7, 2, Decimal("1.25"))
    assert totals.of_row([b'"shares":null', *row[1:]]) == Figures(7, 2, Decimal("1.25"))
    assert totals.of_row([*row[:3], b'"clicks":null']) is None


def test_figures_are_added_up_only_where_all_were_asked_for() -> None:
    """Two of three prove nothing."""
    assert Totals(groups("impressions", "clicks")).group_numbers == []
    together = Totals(field_groups([m for m in METRICS if m.column in {"impressions", "clicks"}]))
    assert together.group_numbers == []


def test_every_day_that_is_complete_has_a_receipt() -> None:
    """Also one without rows; rows are counted and their figures added up."""
    book, totals = ReceiptBook(), Totals(ALL)
    book.open("r", comparable=True)
    assert book.comparable == {"r": True}
    book.enter_days("r", 9, day(1), day(3))
    row = [b"", b'"impressions":7', COST, b'"clicks":2']
    rows = [
        (day(1), ("a",), row),
        (day(1), ("b",), row),
        (day(3), ("a",), [b"", b'"impressions":null', *row[2:]]),
    ]
    book.enter_rows("r", 9, rows, totals)
    assert list(book.entries()) == [
        ("r", 9, day(1), DayRead(2, Figures(14, 4, Decimal("2.50")))),
        ("r", 9, day(2), DayRead()),
        ("r", 9, day(3), DayRead(1, Figures(), is_known=False)),
    ]


def test_rows_are_counted_without_figures() -> None:
    """Where not all figures were asked for."""
    book = ReceiptBook()
    book.enter_days("r", 9, day(1), day(1))
    row = [b'"impressions":null']
    book.enter_rows("r", 9, [(day(1), ("a",), row)] * 2, Totals(groups("impressions")))
    assert list(book.entries()) == [("r", 9, day(1), DayRead(2))]


def test_days_are_entered_one_after_the_other() -> None:
    """What was entered stays as it is; the first day is that of the first call."""
    book = ReceiptBook()
    book.enter_days("r", 9, day(2), day(3))
    book.enter_rows("r", 9, [(day(3), ("a",), [])], Totals(()))
    book.enter_days("r", 9, day(2), day(5))
    book.enter_days("r", 9, day(2), day(4))
    found = [(entered, read.rows) for _, _, entered, read in book.entries()]
    assert found == [(day(2), 0), (day(3), 1), (day(4), 0), (day(5), 0)]


def test_days_that_are_read_again_are_forgotten() -> None:
    """Of one stream and one ad account, from a day on."""
    book = ReceiptBook()
    for stream, account in (("s", 9), ("r", 9), ("r", 8)):
        book.enter_days(stream, account, day(1), day(3))
    book.forget("r", 9, day(2))
    book.forget("t", 9, day(1))
    assert [(stream, account, entered) for stream, account, entered, _ in book.entries()] == [
        *(("r", 8, day(n)) for n in (1, 2, 3)),
        ("r", 9, day(1)),
        *(("s", 9, day(n)) for n in (1, 2, 3)),
    ]


def test_ad_accounts_with_the_same_days_are_asked_for_together() -> None:
    """All streams' days of an ad account are one span; one without days is not asked for."""
    book = ReceiptBook()
    book.enter_days("r", 9, day(2), day(3))
    book.enter_days("s", 9, day(1), day(2))
    book.enter_days("r", 8, day(1), day(3))
    book.enter_days("r", 7, day(1), day(4))
    book.enter_days("r", 6, day(4), day(3))
    assert list(book.windows()) == [
        ((8, 9), Window(day(1), day(3))),
        ((7,), Window(day(1), day(4))),
    ]


def test_no_answer_of_the_comparison_can_be_cut() -> None:
    """A row is an ad account on one day: a thousand of them may have fourteen days."""
    book = ReceiptBook()
    for account in range(1, 1002):
        book.enter_days("r", account, day(1), day(100))
    found = list(book.windows())
    many = [window for accounts, window in found if accounts == tuple(range(1, 1001))]
    few = [window for accounts, window in found if accounts == (1001,)]
    assert len(many) + len(few) == len(found)
    assert max(window.days for window in many) <= 14
    assert (len(many), len(few)) == (8, 2)
    for windows in (many, few):
        assert [n for window in windows for n in window] == [day(n) for n in range(1, 101)]
