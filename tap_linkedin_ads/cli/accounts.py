"""``tap-linkedin-ads accounts``: which ad accounts a run reads, for those who share them out."""

from __future__ import annotations

import json
import logging
import sys
import typing as t

import click

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.cli.options import config_input, say
from tap_linkedin_ads.sync.run_report import PARTIAL

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from singer_sdk.plugin_base import _ConfigInput

    from tap_linkedin_ads.streams.sdk_stream import LinkedInTap


def command(new_tap: Callable[[_ConfigInput], LinkedInTap]) -> click.Command:
    """Return the command.

    Args:
        new_tap: Makes a tap from settings; raises ConfigValidationError for wrong ones.
    """

    @click.command("accounts")
    @click.pass_context
    def accounts(context: click.Context, /) -> None:
        """Print which ad accounts a run with these settings reads, as JSON.

        The object has the settings account_ids, filled in, exclude_account_ids and
        metric_values_limit. An ad account that account_ids lists is there even where LinkedIn does
        not give it to this member: the run that reads it says so. Without --config, settings come
        from the environment (or .env). Exit status 0, 1 where LinkedIn refuses the list, 2 for
        wrong settings.
        """
        logging.disable(logging.INFO)  # what the SDK says about itself is of no use here
        tap = new_tap(config_input(context))
        try:
            click.echo(json.dumps(to_read(tap)))
        except RequestFailedError as error:
            say(explain(error.failure, error.resource))
            sys.exit(PARTIAL)

    return accounts


def to_read(tap: LinkedInTap) -> dict[str, t.Any]:
    """Return the settings that say what is read and how fast, without any that is left open.

    Raises:
        RequestFailedError: LinkedIn does not give the ad accounts.
    """
    settings = tap.run.settings
    listed = frozenset(settings.account_ids or ()) - settings.exclude_account_ids
    return {
        "account_ids": sorted(listed.union(tap.directory.ad_accounts.ids)),
        "exclude_account_ids": sorted(settings.exclude_account_ids),
        "metric_values_limit": settings.metric_values_limit,
    }
