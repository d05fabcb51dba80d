"""How many requests a run takes: hardly more than its rows fill."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from sandbox.world import worlds
from tests import singer, truth
from tests.singer import TODAY, by_key

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox import Entry, Sandbox

FULLEST = 14_999
LEARNING = 4
"""Requests more, at most, to learn how full an account is."""


def reports(sandbox: Sandbox) -> list[Entry]:
    """Return the report requests."""
    return [entry for entry in sandbox.log if entry.resource == "adAnalytics"]


def groups(entries: Iterable[Entry]) -> set[tuple[str, ...]]:
    """Return the field groups that were asked for."""
    return {tuple(entry.params["fields"]) for entry in entries}


def settings(sandbox: Sandbox, days: int) -> tuple[singer.Json, dt.date]:
    """Return settings that read so many days up to today, and the first of them."""
    start = TODAY - dt.timedelta(days=days - 1)
    return singer.config(sandbox, start_date=start.isoformat()), start


@pytest.mark.slow
def test_a_full_account_with_every_metric(serve: Callable[..., Sandbox]) -> None:
    """Five months of every metric: all rows and values, with few requests more than they fill."""
    world = worlds.reference(today=TODAY, days=160, campaigns=20, creatives=180)
    sandbox = serve(world)
    config, start = settings(sandbox, 160)
    metrics = tuple(truth.COLUMNS)
    catalog = singer.catalog({"ad_performance": metrics})
    output = singer.sync(config, catalog=catalog)
    assert output.status == 0
    found = by_key(output.records("ad_performance"), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, start))
    asked = reports(sandbox)
    assert len(found) == 180 * 160
    assert len(asked) <= LEARNING + 1.15 * -(-len(found) // FULLEST) * len(groups(asked))


@pytest.mark.slow
def test_rows_of_a_thousand_ads_fill_their_answers(serve: Callable[..., Sandbox]) -> None:
    """1,000 ads: 15 % more requests than the rows fill, and a few to learn how many they are."""
    world = worlds.reference(today=TODAY, days=180)
    sandbox = serve(world)
    config, start = settings(sandbox, 180)
    columns = ("impressions", "cost_in_local_currency")
    output = singer.sync(config, catalog=singer.catalog({"ad_performance": columns}))
    assert output.status == 0
    found = by_key(output.records("ad_performance"), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, start, columns=columns))
    assert len(found) == 180_000
    assert len(reports(sandbox)) <= LEARNING + 1.15 * -(-180_000 // FULLEST)


@pytest.mark.slow
def test_many_small_accounts_share_requests(serve: Callable[..., Sandbox]) -> None:
    """300 accounts on 60 days: shared and tunnelled requests, and a bookmark for each account."""
    world = worlds.agency(today=TODAY, days=60, accounts=300)
    sandbox = serve(world)
    config, start = settings(sandbox, 60)
    metrics = tuple(truth.COLUMNS)[::3]
    catalog = singer.catalog({"ad_performance": metrics})
    output = singer.sync(config, catalog=catalog)
    assert output.status == 0
    found = by_key(output.records("ad_performance"), *truth.KEY)
    truth.assert_equal(found, truth.ad_performance(world, start, columns=metrics))
    asked = reports(sandbox)
    fewest = sum(
        -(-sum(entry.rows for entry in asked if tuple(entry.params["fields"]) == group) // FULLEST)
        for group in groups(asked)
    )
    assert len(asked) <= 1.3 * fewest
    assert max(len(entry.params["accounts"]) for entry in asked) == 300
    assert all(entry.tunnelled for entry in asked if len(entry.params["accounts"]) > 100)
    assert output.bookmarks("ad_performance") == {
        account["id"]: TODAY.isoformat() for account in world.accounts
    }


@pytest.mark.slow
def test_the_daily_run_of_many_accounts_takes_few_requests(serve: Callable[..., Sandbox]) -> None:
    """From the second run on, accounts with the same bookmark share their look-back window."""
    world = worlds.agency(today=TODAY, days=40, accounts=40)
    sandbox = serve(world)
    config, _ = settings(sandbox, 40)
    catalog = singer.catalog({"ad_performance": tuple(truth.COLUMNS)})
    first = singer.sync(config, catalog=catalog)
    sandbox.reset_log()
    singer.sync(config, catalog=catalog, state=first.state)
    asked = reports(sandbox)
    assert len(asked) == len(groups(asked))
