"""``tap-linkedin-ads check``: what will work, before it runs."""

from __future__ import annotations

import json
import logging
import platform
import sys
import typing as t
from importlib import metadata

import click
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_ads.outcome import WRONG_SETTINGS
from tap_linkedin_ads.settings import SETTINGS
from tap_linkedin_ads.subcommands import checkup_text
from tap_linkedin_ads.subcommands.examine import Examination
from tap_linkedin_ads.subcommands.options import config_input, say

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk import Tap
    from singer_sdk.plugin_base import _ConfigInput

    from tap_linkedin_ads.subcommands.examine import Examined

_IDS = frozenset(name for name in SETTINGS["properties"] if name.endswith(("_ids", "accounts")))
_OPEN = frozenset(
    (
        "start_date",
        "end_date",
        "lookback_window",
        "date_window_size",
        "api_version",
        "max_workers",
        "page_statistics_period",
        "keep_posts_history",
        "demographics_granularity",
        "demographics_level",
        "attributed_revenue_days",
        "company_intelligence_windows",
        "include_lead_responses",
        "metric_values_limit",
        "on_account_error",
        "request_timeout",
    )
)
"""Settings whose values are shown to others; of all others only that they are set."""

NewTap = t.Callable[["_ConfigInput", "dict[str, t.Any] | None"], "Tap"]
"""Makes a tap from settings and a catalog; raises ConfigValidationError for wrong ones."""


def command(new_tap: NewTap) -> click.Command:
    """Return the command."""

    @click.command("check")
    @click.option("--support", is_flag=True, help="The same without secrets, names and ids.")
    @click.option(
        "--catalog", type=click.File(), help="The catalog whose selected streams shall work."
    )
    @click.pass_context
    def check(context: click.Context, /, **options: t.Any) -> None:  # noqa: ANN401
        """Tell in one screen what the token can read, and what a first run will take.

        Without --config, settings come from the environment (or .env). Exit status 0 where every
        selected stream will work, 1 otherwise, 2 for wrong settings.
        """
        outer = context.parent.params if context.parent else {}
        given = options["catalog"] or outer.get("catalog")
        logging.disable(logging.INFO)  # what the SDK says about itself is of no use here
        tap = _tap(new_tap, config_input(context), given)
        version = tap.plugin_version
        checkup = Examination(t.cast("Examined", tap), version).result()
        if options["support"]:
            text = checkup_text.render_support(checkup, _surroundings(version, tap.config))
        else:
            text = checkup_text.render(checkup)
        click.echo(text, nl=False)
        sys.exit(checkup.exit_status)

    return check


def _tap(new_tap: NewTap, config: _ConfigInput, catalog: t.IO[str] | None) -> Tap:
    try:
        return new_tap(config, json.load(catalog) if catalog else None)
    except ConfigValidationError as error:
        for line in error.errors:
            say(f"Setting {line}")
        sys.exit(WRONG_SETTINGS)


def _surroundings(version: str, config: Mapping[str, t.Any]) -> dict[str, str]:
    """Return versions and settings, without anything that is nobody else's business."""
    found = {
        "tap-linkedin-ads": version,
        "singer-sdk": metadata.version("singer-sdk"),
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    }
    for name in sorted(config):
        value = config[name]
        if value in (None, "", [], {}):
            continue
        if name in _OPEN:
            found[name] = json.dumps(value, default=str)
        elif name in _IDS:
            count = len(value) if isinstance(value, list) else len(str(value).split(","))
            found[name] = f"{count} set"
        else:
            found[name] = "set"
    return found
