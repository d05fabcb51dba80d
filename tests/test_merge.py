"""Answers for field groups are joined by key, as an outer join, whatever comes first."""

from __future__ import annotations

import datetime as dt
import typing as t
import weakref

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api.responses import Page
from tap_linkedin_ads.api.room import Shelf
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.intake import OddRows, take_in
from tap_linkedin_ads.reporting.merge import Held, Merge
from tap_linkedin_ads.reporting.metrics import catalogue
from tap_linkedin_ads.reporting.reports import REPORTS, Report
from tap_linkedin_ads.reporting.windows import Tally, Window

if t.TYPE_CHECKING:
    from tap_linkedin_ads.reporting.fragments import Key

DAY = dt.date(2026, 11, 1)
DAYS = Window(DAY, DAY + dt.timedelta(days=3))
LONG_AFTER = dt.date(2027, 1, 1)
ACCOUNTS = (1, 2, 3)
REPORT = next(report for report in REPORTS if report.name == "ad_performance")
METRICS = ("impressions", "clicks", "likes", "comments")
"""The only metric of each field group here."""
READERS = [
    FragmentReader([m for m in catalogue(schema.read("metrics")["properties"]) if m.name == name])
    for name in METRICS
]
BLANKS = [reader.blank for reader in READERS]
Cell = tuple[int, dt.date, int]
"""Ad account, day and creative: what tells rows apart."""
CELLS = st.tuples(
    st.sampled_from(ACCOUNTS), st.dates(DAYS.start, DAYS.end), st.sampled_from((50, 51, 6))
)
GROUPS = st.lists(
    st.dictionaries(CELLS, st.integers(0, 99), max_size=12), min_size=1, max_size=len(METRICS)
)


def key(cell: Cell) -> Key:
    """Return the pivot values of a row."""
    account, _, creative = cell
    return (
        f"urn:li:sponsoredAccount:{account}",
        "urn:li:sponsoredCampaign:4",
        f"urn:li:sponsoredCreative:{creative}",
    )


def row(cell: Cell, group_number: int, value: int) -> msgspec.Raw:
    """Return a row as LinkedIn sends it to the request for a field group."""
    day = cell[1]
    date = {"year": day.year, "month": day.month, "day": day.day}
    body = {
        "dateRange": {"start": date, "end": date},
        "pivotValues": key(cell),
        METRICS[group_number]: value,
    }
    return msgspec.Raw(msgspec.json.encode(body))


def pages(rows: t.Sequence[msgspec.Raw]) -> list[Page]:
    """Return an answer with these rows, which come two at a time."""
    return [Page.of(rows[at : at + 2]) for at in range(0, len(rows), 2)]


def fragment(group_number: int, value: int) -> bytes:
    """Return the piece of the record's text."""
    return f'"{METRICS[group_number]}":{value}'.encode()


def joined(values: dict[int, int]) -> list[bytes]:
    """Return the pieces of all field groups, of which only some have a value."""
    return [
        fragment(number, values[number]) if number in values else blank
        for number, blank in enumerate(BLANKS)
    ]


def answered(merge: Merge, group_number: int, rows: dict[Cell, int]) -> Tally:
    """Take in the answer to a request for a field group."""
    return take_in(
        pages([row(cell, group_number, value) for cell, value in rows.items()]),
        report=REPORT,
        chunk=Chunk(group_number, DAYS, ACCOUNTS),
        reader=READERS[group_number],
        merge=merge,
        odd=OddRows(),
    )


def test_rows_of_one_group_alone_come_out_too() -> None:
    """A row that only one field group has is kept, and so is one that only the other has."""
    merge = Merge(BLANKS)
    answered(merge, 0, {(1, DAY, 50): 5, (1, DAY, 51): 7})
    answered(merge, 2, {(1, DAY, 6): 1, (1, DAY, 50): 2})
    assert list(merge.release(1, DAY)) == [
        (DAY, key((1, DAY, 50)), joined({0: 5, 2: 2})),
        (DAY, key((1, DAY, 51)), joined({0: 7})),
        (DAY, key((1, DAY, 6)), joined({2: 1})),
    ]
    assert not any(merge.days(account, LONG_AFTER) for account in ACCOUNTS)


def test_rows_wait_for_their_day() -> None:
    """Only days that are complete come out, each of them once."""
    merge = Merge(BLANKS)
    next_day = DAY + dt.timedelta(days=1)
    answered(merge, 1, {(1, next_day, 50): 2, (1, DAY, 50): 1, (2, DAY, 50): 3})
    assert merge.days(1, DAY)
    assert [day for day, _, _ in merge.release(1, DAY)] == [DAY]
    assert not merge.days(1, DAY)
    assert list(merge.release(1, DAY)) == []
    assert [day for day, _, _ in merge.release(1, next_day)] == [next_day]
    assert merge.days(2, DAY)


def in_memory(text: bytes) -> t.Callable[[int, int], bytes]:
    """Stand for a file."""
    return lambda start, length: text[start : start + length]


@given(GROUPS, st.data(), st.sampled_from([0, 30, 100, 10_000]), st.sampled_from([0, 60, 10_000]))
def test_join_is_the_same_in_any_order(
    groups: list[dict[Cell, int]], data: st.DataObject, most: int, at_once_at_most: int
) -> None:
    """However rows share answers, these arrive and are moved out: it is the join of all at once.

    And however many of an ad account's days are released together.
    """
    cells = [
        (group_number, cell, value)
        for group_number, group in enumerate(groups)
        for cell, value in group.items()
    ]
    at_once: dict[t.Any, list[bytes]] = {}
    for group_number, cell, value in cells:
        joined_row = at_once.setdefault((cell[0], cell[1], key(cell)), BLANKS.copy())
        joined_row[group_number] = fragment(group_number, value)
    held = Held(most, in_memory)
    merge = Merge(BLANKS, held, at_once_at_most)
    shuffled = data.draw(st.permutations(cells))
    together = data.draw(st.integers(1, 5))
    for at in range(0, len(shuffled), together):
        for group_number in range(len(groups)):
            part = {c: value for of, c, value in shuffled[at : at + together] if of == group_number}
            answered(merge, group_number, part)
        assert held.size <= most
    assert {k for account in ACCOUNTS for k in merge.keys(account, LONG_AFTER)} == {
        pivots for _, _, pivots in at_once
    }
    released = {
        (account, day, pivots): values
        for through in data.draw(st.permutations([*DAYS, LONG_AFTER]))
        for account in ACCOUNTS
        for day, pivots, values in merge.release(account, through)
    }
    assert released == at_once
    assert held.size == 0
    assert not any(merge.days(account, LONG_AFTER) for account in ACCOUNTS)


def refused(_: bytes) -> None:
    """Stand for a disk that is full."""


@pytest.mark.parametrize(
    ("held", "size"),
    [
        (Held(16, Shelf().put), 0),
        (Held(17, Shelf().put), 17),
        (Held(16, refused), 17),
    ],
    ids=["moved out", "not too much", "no file"],
)
def test_text_beyond_the_bound_is_moved_out(held: Held, size: int) -> None:
    """Where there can be a file; the rows, here 17 bytes, come back either way."""
    merge = Merge(BLANKS, held)
    answered(merge, 0, {(1, DAY, 50): 5})
    assert held.size == size
    assert [values for *_, values in merge.release(1, DAY)] == [joined({0: 5})]
    assert held.size == 0


@given(GROUPS, st.sampled_from([0, 10_000]))
def test_rows_are_released_in_order(groups: list[dict[Cell, int]], at_once_at_most: int) -> None:
    """The same rows always come in the same order: by day, then by key."""
    merge = Merge(BLANKS, None, at_once_at_most)
    for group_number, group in enumerate(groups):
        answered(merge, group_number, group)
    for account in ACCOUNTS:
        keys = [(day, pivots) for day, pivots, _ in merge.release(account, LONG_AFTER)]
        assert keys == sorted(keys)


@pytest.mark.parametrize("at_once_at_most", [0, 10_000])
def test_the_newest_text_counts(at_once_at_most: int) -> None:
    """A row that comes twice in answers to one field group is one row, as it came last."""
    merge = Merge(BLANKS, None, at_once_at_most)
    for value in (5, 6):
        answered(merge, 0, {(1, DAY, 50): value})
    assert list(merge.release(1, DAY)) == [(DAY, key((1, DAY, 50)), joined({0: 6}))]


def test_keys_and_days_are_told_up_to_a_day() -> None:
    """Before the rows are released; days in order, those of other ad accounts not."""
    merge = Merge(BLANKS)
    days = [DAY + dt.timedelta(days=number) for number in range(3)]
    answered(merge, 1, {(1, days[1], 51): 2, (1, days[2], 6): 1, (2, DAY, 50): 3})
    answered(merge, 0, {(1, days[0], 50): 1})
    assert merge.days(1, days[1]) == days[:2]
    assert set(merge.keys(1, days[1])) == {key((1, DAY, 50)), key((1, DAY, 51))}
    assert merge.days(3, LONG_AFTER) == []
    assert list(merge.release(3, LONG_AFTER)) == []


def keep(merge: Merge, group_number: int, keys: t.Iterable[Key]) -> None:
    """Let rows wait that have these keys and no figures."""
    merge.rows(1, DAY).update(dict.fromkeys(keys, b"{}"))
    merge.took_in(group_number)


def test_equal_keys_are_kept_once() -> None:
    """However many answers bring them."""
    merge, texts = Merge(BLANKS), [Text(1), Text(1)]
    again = weakref.ref(texts[1])
    for group_number in range(2):
        keep(merge, group_number, [(texts.pop(0),)])
    assert list(merge.keys(1, DAY)) == [(Text(1),)]
    assert again() is None


def test_an_ad_account_whose_rows_were_left_out_has_none() -> None:
    """What waits is let go of all the same."""
    merge, texts = Merge(BLANKS), [Text(1)]
    last = weakref.ref(texts[0])
    merge.rows(2, DAY)
    keep(merge, 0, [(texts.pop(),)])
    assert merge.days(2, DAY) == []
    list(merge.release(1, DAY))
    for number in range(2):
        keep(merge, 0, [(f"{number} {other}",) for other in range(10_000)])
    assert last() is None


class Text(str):
    """A string of which one can tell whether it is still there."""

    __slots__ = ("__weakref__",)


def test_keys_of_rows_that_are_gone_are_not_kept() -> None:
    """In a long run there are new ones every day."""
    merge = Merge(BLANKS)
    texts = [Text(number) for number in range(10_001)]
    first = weakref.ref(texts[0])
    keep(merge, 0, [(text,) for text in texts])
    texts.clear()
    assert first() is not None
    assert len(list(merge.release(1, DAY))) == 10_001
    for campaign in (4, 5):
        keep(merge, 0, [(f"urn:li:sponsoredCampaign:{campaign}",)])
        assert first() is None


@pytest.mark.parametrize("is_cut", [False, True])
def test_rows_that_nobody_asked_for_are_not_merged(*, is_cut: bool) -> None:
    """Rows of other days or ad accounts are counted as rows, and are nobody's rows otherwise."""
    day = dt.timedelta(days=1)
    merge = Merge(BLANKS)
    chunk = Chunk(0, Window(DAY, DAY + day), (1, 2))
    own = [row((1, DAY, 5), 0, 5), row((2, DAY, 6), 0, 6), row((2, DAY, 6), 0, 6)]
    strange = [(3, DAY, 7), (1, DAY - day, 8), (1, DAY + 2 * day, 9)]
    tally = take_in(
        pages([*own, *(row(cell, 0, 1) for cell in strange)]),
        report=REPORT,
        chunk=chunk,
        reader=READERS[0],
        merge=None if is_cut else merge,
        odd=OddRows(),
    )
    assert tally.rows == 6
    assert tally.by_account == {1: 1, 2: 2}
    assert tally.by_day == {DAY: 3}
    assert tally.by_cell == {(1, DAY): 1, (2, DAY): 1 if is_cut else 2}
    assert bool(merge.days(1, LONG_AFTER)) != is_cut
    released = [merge.release(account, LONG_AFTER) for account in (1, 2, 3)]
    assert sum(1 for rows in released for _ in rows) == (0 if is_cut else 2)


CAMPAIGN_ROWS = Report("alone", ("ACCOUNT", "CAMPAIGN"))


def raw(pivots: object, day: dt.date = DAY) -> msgspec.Raw:
    """Return a row with any pivot values."""
    start = {"year": day.year, "month": day.month, "day": day.day}
    body = {"dateRange": {"start": start}, "pivotValues": pivots, METRICS[0]: 1}
    return msgspec.Raw(msgspec.json.encode(body))


@pytest.mark.parametrize("accounts", [(1,), (1, 2)])
@pytest.mark.parametrize(
    ("pivots", "day", "why"),
    [
        (["urn:li:sponsoredAccount:1"], DAY, "a row with 1 pivot values instead of 2"),
        (["urn:li:sponsoredAccount:3", "x"], DAY, "a row of ad account 3, which was not asked for"),
        (["everybody", "x"], DAY, "a row of 'everybody', which is no ad account"),
        (
            ["urn:li:sponsoredAccount:1", "x"],
            LONG_AFTER,
            "a row of 2027-01-01, which was not asked for",
        ),
    ],
)
def test_rows_that_cannot_be_taken_are_told(
    accounts: tuple[int, ...], pivots: list[str], day: dt.date, why: str
) -> None:
    """Each, with its ad account where only one was asked for; rows behind it are taken."""
    merge, odd = Merge(BLANKS), OddRows()
    fine = raw(["urn:li:sponsoredAccount:1", "urn:li:sponsoredCampaign:4"])
    tally = take_in(
        pages([raw(pivots, day), raw(pivots, day), fine]),
        report=CAMPAIGN_ROWS,
        chunk=Chunk(0, DAYS, accounts),
        reader=READERS[0],
        merge=merge,
        odd=odd,
    )
    assert odd.without_key == [(1 if accounts == (1,) else None, why)] * 2
    assert (tally.rows, tally.by_account) == (3, {1: 1})
    assert len(list(merge.release(1, LONG_AFTER))) == 1


def test_a_list_of_campaigns_is_counted_by_campaign() -> None:
    """A row of no campaign is told, and the ad account is the one that was asked for."""
    odd = OddRows()
    rows = [["urn:li:sponsoredCampaign:4"], ["nothing"], ["urn:li:sponsoredCampaign:4"], [5]]
    tally = take_in(
        pages([raw(pivots) for pivots in rows]),
        report=CAMPAIGN_ROWS,
        chunk=Chunk(0, DAYS, (9,), lists_campaigns=True),
        reader=READERS[0],
        merge=None,
        odd=odd,
    )
    assert tally.by_campaign == {4: 2, 5: 1}
    assert odd.without_key == [(9, "a row of campaign 'nothing'")]
    assert tally.by_account == {9: 4}


def test_an_ad_account_that_stands_apart_is_put_back_into_the_key() -> None:
    """As LinkedIn writes it."""
    merge = Merge(BLANKS)
    take_in(
        pages([raw(["urn:li:sponsoredCampaign:4"])]),
        report=CAMPAIGN_ROWS.with_account_apart(),
        chunk=Chunk(0, DAYS, (9,)),
        reader=READERS[0],
        merge=merge,
        odd=OddRows(),
    )
    (found,) = merge.release(9, LONG_AFTER)
    assert found[1] == ("urn:li:sponsoredAccount:9", "urn:li:sponsoredCampaign:4")


def test_rows_of_a_whole_range_are_of_its_first_day() -> None:
    """Wherever LinkedIn says that they begin; there they are counted together."""
    merge = Merge(BLANKS)
    tally = take_in(
        pages([raw(["urn:li:sponsoredAccount:1"], DAY + dt.timedelta(days=n)) for n in (2, 1)]),
        report=Report("whole", ("ACCOUNT",), granularity="ALL"),
        chunk=Chunk(0, DAYS, (1,)),
        reader=READERS[0],
        merge=merge,
        odd=OddRows(),
    )
    assert [day for day, *_ in merge.release(1, LONG_AFTER)] == [DAY]
    assert tally.by_cell == {(1, DAY): 2}


def test_a_report_by_campaign_carries_the_campaign_that_was_asked_for() -> None:
    """Behind the row's own key."""
    merge = Merge(BLANKS)
    report = Report("theirs", ("MEMBER_SENIORITY",)).by_trait("ALL", one_campaign_each=True)
    take_in(
        pages([raw(["urn:li:seniority:3"])]),
        report=report,
        chunk=Chunk(0, DAYS, (9,), campaigns=(4,)),
        reader=READERS[0],
        merge=merge,
        odd=OddRows(),
    )
    (found,) = merge.release(9, LONG_AFTER)
    assert found[1] == ("urn:li:seniority:3", "4")


def test_an_ad_accounts_campaigns_that_share_a_request_are_no_part_of_the_key() -> None:
    """Rows of other reports tell their campaign, or have none."""
    merge = Merge(BLANKS)
    take_in(
        pages([raw(["urn:li:sponsoredAccount:1", "urn:li:sponsoredCampaign:4"])]),
        report=CAMPAIGN_ROWS,
        chunk=Chunk(0, DAYS, (1,), campaigns=(4, 5)),
        reader=READERS[0],
        merge=merge,
        odd=OddRows(),
    )
    (found,) = merge.release(1, LONG_AFTER)
    assert found[1] == ("urn:li:sponsoredAccount:1", "urn:li:sponsoredCampaign:4")


def test_a_value_that_no_column_holds_is_told_with_its_own_row() -> None:
    """Also behind rows that are left out."""
    merge, odd = Merge(BLANKS), OddRows()
    wire = msgspec.json.decode(raw(["urn:li:sponsoredAccount:1", "urn:li:sponsoredCampaign:4"]))
    many = msgspec.Raw(msgspec.json.encode({**wire, METRICS[0]: "many"}))
    nobody = raw(["urn:li:sponsoredAccount:3", "x"])
    take_in(
        [Page.of([nobody, raw(wire["pivotValues"]), many, nobody])],
        report=CAMPAIGN_ROWS,
        chunk=Chunk(0, DAYS, (1,)),
        reader=READERS[0],
        merge=merge,
        odd=odd,
    )
    ((account, day, about, found),) = odd.unreadable
    assert (account, day, about) == (1, DAY, tuple(wire["pivotValues"]))
    assert found.value == "many"
    assert len(odd.without_key) == 2


def test_a_row_of_an_unknown_campaign_is_taken_where_campaigns_do_not_matter() -> None:
    """Whoever builds records from it says what is wrong with its key."""
    merge, odd = Merge(BLANKS), OddRows()
    take_in(
        [Page.of([raw(["urn:li:sponsoredAccount:1", "nothing"])])],
        report=CAMPAIGN_ROWS,
        chunk=Chunk(0, DAYS, (1,)),
        reader=READERS[0],
        merge=merge,
        odd=odd,
    )
    assert [key for _, key, _ in merge.release(1, LONG_AFTER)] == [
        ("urn:li:sponsoredAccount:1", "nothing")
    ]
    assert odd.without_key == []
