"""``tap-linkedin-ads accounts``: which ad accounts a run reads, and how far earlier runs came."""

from __future__ import annotations

import json
import logging
import sys
import typing as t
from dataclasses import asdict, dataclass

import click

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.cli import tables
from tap_linkedin_ads.cli.check.refusals import Refusals
from tap_linkedin_ads.cli.check.sight import Sight
from tap_linkedin_ads.cli.options import StateFile, config_input, say
from tap_linkedin_ads.cli.rows_of_day import rows_of_day
from tap_linkedin_ads.reporting.windows import DAY
from tap_linkedin_ads.settings import input_files
from tap_linkedin_ads.streams.reports.ad_report import AdReport
from tap_linkedin_ads.sync.run_report import PARTIAL

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.table import Table
    from singer_sdk.plugin_base import _ConfigInput

    from tap_linkedin_ads.cli.check.examine import Examined

    NewTap = Callable[[_ConfigInput, dict[str, t.Any] | None], Examined]

_REPORT = "ad_performance"


@dataclass(frozen=True, slots=True)
class AdAccount:
    """One ad account.

    Attributes:
        id: Its number.
        name: Its name.
        currency: The currency of its figures.
        status: LinkedIn's word for its state.
        role: The member's role on it, None where LinkedIn does not tell.
        in_sight: LinkedIn gives it to this member. Others were listed, or read earlier.
        last_day_read: The last day whose figures earlier runs read, as far as the state tells.
        rows_yesterday: Rows of ``ad_performance`` on the last day that is over; None where that
            was not asked or not answered.
    """

    id: int
    name: str | None = None
    currency: str | None = None
    status: str | None = None
    role: str | None = None
    in_sight: bool = False
    last_day_read: str | None = None
    rows_yesterday: int | None = None


def command(new_tap: NewTap) -> click.Command:
    """Return the command.

    Args:
        new_tap: Makes a tap from settings and a state; raises ConfigValidationError for wrong ones.
    """

    @click.command("accounts")
    @click.option(
        "--state",
        type=StateFile(),
        help="The state of an earlier run: adds the last day read and the rows of yesterday, and "
        "the ad accounts that it read and that are out of reach now.",
    )
    @click.option(
        "--format",
        "layout",
        type=click.Choice(["table", "json"]),
        help="What to print. By default a table on a terminal, and JSON elsewhere.",
    )
    @click.pass_context
    def accounts(context: click.Context, /, state: t.IO[str] | None, layout: str | None) -> None:
        """Print which ad accounts a run with these settings reads.

        The JSON object has the settings account_ids, filled in, exclude_account_ids and
        metric_values_limit, and accounts with a name, currency, status and role each. An ad account
        that account_ids lists is there even where LinkedIn does not give it to this member: the run
        that reads it says so. Without --config, settings come from the environment (or .env). Exit
        status 0, 1 where LinkedIn refuses the list, 2 for wrong settings.
        """
        logging.disable(logging.INFO)  # what the SDK says about itself is of no use here
        tap = new_tap(config_input(context), input_files.read(state, "state"))
        try:
            found = list(_accounts(tap, has_state=state is not None))
        except RequestFailedError as error:
            say(explain(error.failure, error.resource))
            sys.exit(PARTIAL)
        if layout == "json" or (layout is None and not sys.stdout.isatty()):
            click.echo(json.dumps(_as_json(tap, found), ensure_ascii=False))
        else:
            from rich.console import Console  # noqa: PLC0415  only a table needs it

            width = tables.terminal_width()
            Console(width=width).print(table_of(found, width, has_state=state is not None))

    return accounts


def _to_read(tap: Examined) -> set[int]:
    """Return the ad accounts that a run reads, or says that it cannot.

    Raises:
        RequestFailedError: LinkedIn does not give the ad accounts.
    """
    settings = tap.run.settings
    return {
        *(frozenset(settings.account_ids or ()) - settings.exclude_account_ids),
        *tap.directory.ad_accounts.ids,
    }


def _accounts(tap: Examined, *, has_state: bool) -> Iterator[AdAccount]:
    in_sight, settings = tap.directory.ad_accounts.by_id, tap.run.settings
    earlier = tap.run.earlier.accounts
    # With a list, those that an earlier run read and that are not on it were taken off it.
    lost = earlier.keys() - settings.exclude_account_ids if settings.account_ids is None else ()
    roles = _roles(tap)
    rows = _rows_yesterday(tap) if has_state else {}
    for account in sorted({*_to_read(tap), *lost}):
        wire = in_sight.get(account, {})
        day = earlier.get(account)
        yield AdAccount(
            account,
            name=_text(wire.get("name")),
            currency=_text(wire.get("currency")),
            status=_text(wire.get("status")),
            role=roles.get(account),
            in_sight=account in in_sight,
            last_day_read=None if day is None else day.isoformat(),
            rows_yesterday=rows.get(account),
        )


def _roles(tap: Examined) -> Mapping[int, str]:
    """Return the member's roles; without them the list of ad accounts is as good."""
    try:
        return dict(Sight(tap, Refusals(), ()).roles_on_accounts())
    except RequestFailedError as error:
        say(explain(error.failure, error.resource))
        return {}


def _rows_yesterday(tap: Examined) -> Mapping[int, int]:
    report = tap.streams[_REPORT]
    if not isinstance(report, AdReport):  # a report of the user's own may not be called that
        raise TypeError(_REPORT)
    day = min(tap.run.settings.end_date, tap.run.today - DAY)
    return rows_of_day(report, day, tap.directory.ad_accounts.ids)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _as_json(tap: Examined, accounts: Sequence[AdAccount]) -> dict[str, t.Any]:
    """Return the settings that say what is read and how fast, without any that is left open."""
    return {
        "account_ids": sorted(_to_read(tap)),
        "exclude_account_ids": sorted(tap.run.settings.exclude_account_ids),
        "metric_values_limit": tap.run.settings.metric_values_limit,
        "accounts": [asdict(account) for account in accounts],
    }


def table_of(accounts: Sequence[AdAccount], width: int, *, has_state: bool) -> Table:
    """Lay the ad accounts out for a terminal."""
    rows = [("ID", "NAME", "CURRENCY", "STATUS", "ROLE", "LAST DAY READ", "ROWS YESTERDAY")]
    rows += [
        (
            str(account.id),
            account.name or "",
            account.currency or "",
            _words(account.status) if account.in_sight else "not in sight",
            _words(account.role),
            account.last_day_read or "",
            "" if account.rows_yesterday is None else f"{account.rows_yesterday:,}",
        )
        for account in accounts
    ]
    shown = [row if has_state else row[:5] for row in rows]
    return tables.fitted(shown, width, right={6}, heading=True)


def _words(constant: str | None) -> str:
    return (constant or "").replace("_", " ")
