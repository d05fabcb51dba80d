"""``tap-linkedin-ads import-state``: go on where another connector stopped."""

from __future__ import annotations

import json
import logging
import sys
import typing as t

import click

from tap_linkedin_ads.api.resources import ACCOUNT_ID
from tap_linkedin_ads.cli.options import config_input, say, wrong
from tap_linkedin_ads.settings import foreign_states
from tap_linkedin_ads.sync.bookmarks import Bookmarks
from tap_linkedin_ads.sync.run_report import PARTIAL

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping

    from singer_sdk.plugin_base import _ConfigInput

    from tap_linkedin_ads.settings.foreign_states import ForeignState
    from tap_linkedin_ads.streams.sdk_stream import LinkedInTap

_DAY_COLUMN = "metric_date"


def command(new_tap: Callable[[_ConfigInput], LinkedInTap]) -> click.Command:
    """Return the command.

    Args:
        new_tap: Makes a tap from settings; raises ConfigValidationError for wrong ones.
    """

    @click.command("import-state")
    @click.argument("file", type=click.File(encoding="utf-8"))
    @click.pass_context
    def import_state(context: click.Context, /, file: t.IO[str]) -> None:
        """Print a state of this tap that goes on where another connector's state in FILE stops.

        From a state of singer-io's tap come bookmarks for reports by campaign and by creative. The
        setting account_ids (or accounts) has to name the ad accounts that it has read from its
        first run on. States of MeltanoLabs' tap and of Airbyte's source do not tell which days are
        complete: for them it says the start_date to begin with. It asks LinkedIn nothing. Exit
        status 0, 1 where there is no state to print, 2 for a wrong file or wrong settings.
        """
        logging.disable(logging.INFO)  # what the SDK says about itself is of no use here
        try:
            content = json.load(file)
        except ValueError as error:
            wrong(f"old state: {file.name} is no JSON: {error}")
        old = foreign_states.understood(content)
        if old.connector != foreign_states.SINGER_IO:
            _say_where_to_start(old)
            sys.exit(PARTIAL)
        run = new_tap(config_input(context)).run
        accounts = set(run.settings.account_ids or ()) - run.settings.exclude_account_ids
        if not accounts:
            wrong(
                "account_ids: the old state has one bookmark for all ad accounts, so name those "
                "that the old tap has read from its first run on"
            )
        known = _known_days(old.last_days, run.today)
        if not known:
            say("No state is made: start without one, with the start_date of the old tap.")
            sys.exit(PARTIAL)
        click.echo(json.dumps(state_of(known, accounts)))

    return import_state


def state_of(last_days: Mapping[str, dt.date], accounts: Collection[int]) -> dict[str, t.Any]:
    """Return a state in which ad accounts were read through a day, the same in all of them."""
    bookmarks: dict[str, dict[str, t.Any]] = {}
    for stream, day in last_days.items():
        kept = Bookmarks(
            bookmarks.setdefault(stream, {}), context_key=ACCOUNT_ID, replication_key=_DAY_COLUMN
        )
        for account in sorted(accounts):
            kept.move(account, day.isoformat())
    return {"bookmarks": bookmarks}


def _known_days(last_days: Mapping[str, dt.date], today: dt.date) -> dict[str, dt.date]:
    """Return the days that may be true, and say what becomes of each stream."""
    known = {}
    for stream in foreign_states.REPORTS:
        day = last_days.get(stream)
        if day is None:
            say(f"{stream}: the old state has no bookmark of it, so it is read from start_date.")
        elif day >= today:
            say(
                f"{stream}: its bookmark lies in the future, so nobody knows what was read: it is "
                "read from start_date."
            )
        else:
            known[stream] = day
            say(f"{stream}: goes on from {day}, less the lookback.")
    say("Every other stream is read from its beginning: its old table has other rows or keys.")
    return known


def _say_where_to_start(old: ForeignState) -> None:
    say(
        f"No state is made of it: {old.connector} leaves out campaigns that were last modified "
        "before a certain day and keeps no note of them, so nobody knows which days are complete."
    )
    if old.first_day is None:
        say("Start without a state, with the start_date of the old connector.")
        return
    say(
        "Start without a state, with the day below or an earlier one: it lies a day before the "
        "earliest of the old bookmarks. The start_date of the old connector also fills in what it "
        "left out."
    )
    say(f"start_date: {old.first_day}")
