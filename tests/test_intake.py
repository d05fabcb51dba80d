"""What an answer held: its rows on sheets or counted, and what could not be taken."""

from __future__ import annotations

import datetime as dt
import typing as t

import msgspec
import pytest

from tap_linkedin_ads.api import responses
from tap_linkedin_ads.api.responses import Part
from tap_linkedin_ads.api.room import Body, Room
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.chunks import Chunk
from tap_linkedin_ads.reporting.fragments import FragmentReader
from tap_linkedin_ads.reporting.intake import TakenIn, count_answer, read_answer, take_in
from tap_linkedin_ads.reporting.merge import Merge
from tap_linkedin_ads.reporting.metrics import catalogue
from tap_linkedin_ads.reporting.reports import Report
from tap_linkedin_ads.reporting.windows import ELEMENT_LIMIT, Window

if t.TYPE_CHECKING:
    from tap_linkedin_ads.reporting.fragments import Key

DAY = dt.date(2026, 11, 1)
DAYS = Window(DAY, DAY + dt.timedelta(days=3))
LONG_AFTER = dt.date(2027, 1, 1)
METRIC = "impressions"
READER = FragmentReader(
    [m for m in catalogue(schema.read("metrics")["properties"]) if m.name == METRIC]
)
REPORT = Report("alone", ("ACCOUNT", "CAMPAIGN"))
FINE = ["urn:li:sponsoredAccount:1", "urn:li:sponsoredCampaign:4"]


def raw(pivots: object, day: dt.date = DAY) -> msgspec.Raw:
    """Return a row with any pivot values."""
    start = {"year": day.year, "month": day.month, "day": day.day}
    body = {"dateRange": {"start": start}, "pivotValues": pivots, METRIC: 1}
    return msgspec.Raw(msgspec.json.encode(body))


def row(account: int, day: dt.date, campaign: int) -> msgspec.Raw:
    """Return a row of a campaign."""
    return raw([f"urn:li:sponsoredAccount:{account}", f"urn:li:sponsoredCampaign:{campaign}"], day)


def in_memory(pieces: t.Sequence[bytes]) -> t.Callable[[int, int], bytes]:
    """Stand for a file."""
    text = b"".join(pieces)
    return lambda start, length: text[start : start + length]


def parts(rows: t.Sequence[msgspec.Raw]) -> t.Iterator[Part[t.Any]]:
    """Yield the parts of an answer with these rows, which come two at a time."""
    for at in range(0, len(rows), 2):
        text = responses.answer_of(rows[at : at + 2])
        yield Part(READER.row_decoder.decode(text), text)


def taken_in(
    rows: t.Sequence[msgspec.Raw], chunk: Chunk, report: Report = REPORT, *, counted: bool = False
) -> TakenIn:
    """Take in an answer with these rows."""
    put = None if counted else in_memory
    return take_in(parts(rows), report=report, chunk=chunk, reader=READER, put=put)


def merged(found: TakenIn) -> list[tuple[int, dt.date, Key]]:
    """Return the ad account, the day and the key of the rows on sheets."""
    merge = Merge([b""])
    merge.add(found.sheets)
    accounts = sorted({account for account, _, _ in found.cells})
    return [
        (account, day, key)
        for account in accounts
        for day, key, _ in merge.take(account, LONG_AFTER)
    ]


@pytest.mark.parametrize("counted", [False, True])
def test_rows_that_nobody_asked_for_are_left_out(*, counted: bool) -> None:
    """Rows of other days or ad accounts are counted as rows, and are nobody's rows otherwise."""
    day = dt.timedelta(days=1)
    chunk = Chunk(0, Window(DAY, DAY + day), (1, 2))
    own = [row(1, DAY, 5), row(2, DAY, 6), row(2, DAY, 6)]
    strange = [(3, DAY, 7), (1, DAY - day, 8), (1, DAY + 2 * day, 9)]
    rows = [*own, *(row(*cell) for cell in strange)]
    found = taken_in(rows, chunk, counted=counted)
    tally = found.tally()
    assert found.rows == tally.rows == 6
    assert tally.by_account == {1: 1, 2: 1}
    assert tally.by_day == {DAY: 2}
    assert tally.cells == {1: {DAY: 1}, 2: {DAY: 1}}
    assert len(merged(found)) == (0 if counted else 2)


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
    found = taken_in([raw(pivots, day), raw(pivots, day), raw(FINE)], Chunk(0, DAYS, accounts))
    assert found.odd.without_key == [(1 if accounts == (1,) else None, why)] * 2
    assert (found.rows, found.tally().by_account) == (3, {1: 1})
    assert [key for _, _, key in merged(found)] == [tuple(FINE)]


def test_a_list_of_campaigns_is_counted_by_campaign() -> None:
    """A row of no campaign is told, and the ad account is the one that was asked for."""
    rows = [["urn:li:sponsoredCampaign:4"], ["nothing"], ["urn:li:sponsoredCampaign:4"], [5]]
    found = taken_in(
        [raw(pivots) for pivots in rows], Chunk(0, DAYS, (9,), lists_campaigns=True), counted=True
    )
    assert found.tally().by_campaign == {4: 2, 5: 1}
    assert found.odd.without_key == [(9, "a row of campaign 'nothing'")]
    assert found.tally().by_account == {9: 2}


def test_an_ad_account_that_stands_apart_is_put_back_into_the_key() -> None:
    """As LinkedIn writes it."""
    found = taken_in(
        [raw(["urn:li:sponsoredCampaign:4"])], Chunk(0, DAYS, (9,)), REPORT.with_account_apart()
    )
    assert [key for _, _, key in merged(found)] == [
        ("urn:li:sponsoredAccount:9", "urn:li:sponsoredCampaign:4")
    ]


def test_rows_of_a_whole_range_are_of_its_first_day() -> None:
    """Wherever LinkedIn says that they begin; there they are counted together."""
    found = taken_in(
        [raw(["urn:li:sponsoredAccount:1"], DAY + dt.timedelta(days=n)) for n in (2, 1)],
        Chunk(0, DAYS, (1,)),
        Report("whole", ("ACCOUNT",), granularity="ALL"),
    )
    assert merged(found) == [(1, DAY, ("urn:li:sponsoredAccount:1",))]
    assert found.tally().cells == {1: {DAY: 1}}


def test_a_report_by_campaign_carries_the_campaign_that_was_asked_for() -> None:
    """Behind the row's own key."""
    report = Report("theirs", ("MEMBER_SENIORITY",)).by_trait("ALL", one_campaign_each=True)
    found = taken_in([raw(["urn:li:seniority:3"])], Chunk(0, DAYS, (9,), campaigns=(4,)), report)
    assert [key for _, _, key in merged(found)] == [("urn:li:seniority:3", "4")]


def test_an_ad_accounts_campaigns_that_share_a_request_are_no_part_of_the_key() -> None:
    """Rows of other reports tell their campaign, or have none."""
    found = taken_in([raw(FINE)], Chunk(0, DAYS, (1,), campaigns=(4, 5)))
    assert [key for _, _, key in merged(found)] == [tuple(FINE)]


def test_a_value_that_no_column_holds_is_told_with_its_own_row() -> None:
    """Also behind rows that are left out."""
    wire = msgspec.json.decode(raw(FINE))
    many = msgspec.Raw(msgspec.json.encode({**wire, METRIC: "many"}))
    nobody = raw(["urn:li:sponsoredAccount:3", "x"])
    found = taken_in([nobody, raw(FINE), many, nobody], Chunk(0, DAYS, (1,)))
    ((account, day, about, value),) = found.odd.unreadable
    assert (account, day, about) == (1, DAY, tuple(FINE))
    assert value.value == "many"
    assert len(found.odd.without_key) == 2


def test_a_row_of_an_unknown_campaign_is_taken_where_campaigns_do_not_matter() -> None:
    """Whoever builds records from it says what is wrong with its key."""
    found = taken_in([raw(["urn:li:sponsoredAccount:1", "nothing"])], Chunk(0, DAYS, (1,)))
    assert [key for _, _, key in merged(found)] == [("urn:li:sponsoredAccount:1", "nothing")]
    assert found.odd.without_key == []


def body(rows: t.Sequence[msgspec.Raw]) -> Body:
    """Return an answer that has arrived."""
    arrived = Body(Room(0))
    arrived.add(responses.answer_of(rows))
    return arrived


def test_an_answer_that_is_cut_is_only_counted() -> None:
    """As one that is read only to be counted; it will be asked for again in parts."""
    chunk = Chunk(0, DAYS, (1,))
    put = list[bytes]()

    def keep(pieces: t.Sequence[bytes]) -> t.Callable[[int, int], bytes]:
        put.extend(pieces)
        return in_memory(pieces)

    for count in (ELEMENT_LIMIT - 1, ELEMENT_LIMIT):
        rows = [row(1, DAY, number) for number in range(1, count + 1)]
        found = read_answer(body(rows), report=REPORT, chunk=chunk, reader=READER, put=keep)
        is_cut = count == ELEMENT_LIMIT
        assert found.rows == count
        assert len(merged(found)) == (0 if is_cut else count)
        counted = count_answer(body(rows), report=REPORT, chunk=chunk).tally()
        assert counted.by_campaign == dict.fromkeys(range(1, count + 1), 1)
        assert found.tally().cells == counted.cells == {1: {DAY: count}}
        assert found.tally().by_campaign == (counted.by_campaign if is_cut else {})
    assert put


def test_rows_of_a_large_answer_go_on_several_sheets() -> None:
    """So that no more than a part of it is in memory at once, and counts are of all of them."""
    rows = [row(1, DAY + dt.timedelta(days=number % 4), number) for number in range(1, 101)]
    found = taken_in(rows, Chunk(0, DAYS, (1,)))
    assert len(found.sheets) == 3
    assert found.tally().cells == {1: dict.fromkeys(DAYS, 25)}
    assert len(set(merged(found))) == 100


def test_replaced_characters_are_counted() -> None:
    """Once, also where the answer is looked through twice."""
    odd = msgspec.Raw(bytes(row(1, DAY, 4)).replace(b"{", b'{"note":"\\u0000",', 1))
    for count in (1, ELEMENT_LIMIT):
        found = read_answer(
            body([odd] * count),
            report=REPORT,
            chunk=Chunk(0, DAYS, (1,)),
            reader=READER,
            put=in_memory,
        )
        assert found.replaced == count
