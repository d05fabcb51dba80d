"""``tap-linkedin-ads check``: what will work, before it runs."""

from __future__ import annotations

import json
import logging
import os
import platform
import sys
import typing as t
from importlib import metadata
from pathlib import Path

import click
from singer_sdk.exceptions import ConfigValidationError, MappingError

from tap_linkedin_ads.cli import tables
from tap_linkedin_ads.cli.check import meltano_states, selection
from tap_linkedin_ads.cli.check import text as checkup_text
from tap_linkedin_ads.cli.check.examine import Examination
from tap_linkedin_ads.cli.options import config_input, say, wrong
from tap_linkedin_ads.settings import input_files
from tap_linkedin_ads.settings.table import SETTINGS
from tap_linkedin_ads.sync.earlier_runs import EarlierRuns
from tap_linkedin_ads.sync.run_report import WRONG_SETTINGS

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk import Tap
    from singer_sdk.plugin_base import _ConfigInput

    from tap_linkedin_ads.cli.check.examine import Examined
    from tap_linkedin_ads.streams.sdk_stream import LinkedInTap

NewTap = t.Callable[["_ConfigInput", "dict[str, t.Any] | None", "dict[str, t.Any] | None"], "Tap"]
"""Makes a tap from settings, catalog and state; raises ConfigValidationError for wrong ones."""


def command(new_tap: NewTap) -> click.Command:

    @click.command("check")
    @click.option("--support", is_flag=True, help="The same without secrets, names and ids.")
    @click.option(
        "--catalog", type=click.File(), help="The catalog whose selected streams shall work."
    )
    @click.option(
        "--show",
        type=click.IntRange(min=0),
        default=checkup_text.MOST_SHOWN,
        show_default=True,
        help="Ad accounts to list, and company pages.",
    )
    @click.option(
        "--state",
        type=click.File(),
        help="The state of an earlier run: ad accounts and pages that it read and that are out of "
        "reach now are named. Under Meltano its states are taken without asking.",
    )
    @click.option(
        "--contract",
        is_flag=True,
        help="Instead, hold what the tap assumes of LinkedIn's API against the live one: about 35 "
        "tiny read-only requests.",
    )
    @click.option(
        "--save",
        type=click.Path(file_okay=False, path_type=Path),
        help="With --contract: save requests and answers in this new folder, scrubbed.",
    )
    @click.pass_context
    def check(context: click.Context, /, **options: t.Any) -> None:  # noqa: ANN401
        """Tell in one screen what the token can read, and what a first run will take.

        Streams are selected by --catalog, by the select list of a Meltano project, or by default.
        Without --config, settings come from the environment (or .env). Exit status 0 where every
        selected stream will work, 1 otherwise, 2 for wrong settings. With --contract: 0 where
        nothing differs, 1 otherwise.
        """
        if options["save"] and not options["contract"]:
            wrong("--save goes with --contract")
        outer = context.parent.params if context.parent else {}
        given = options["catalog"] or outer.get("catalog")
        logging.disable(logging.INFO)  # what the SDK says about itself is of no use here
        state = options["state"] or outer.get("state")
        tap = _tap(new_tap, config_input(context), given, state)
        if options["contract"]:
            from tap_linkedin_ads.cli.contract import command as contract  # noqa: PLC0415  rare

            sys.exit(contract.hold(t.cast("LinkedInTap", tap).run, options["save"]))
        if state is None:
            _compare_with_meltano(t.cast("Examined", tap))
        version = tap.plugin_version
        checkup = Examination(t.cast("Examined", tap), version).result()
        if options["support"]:
            text = checkup_text.render_support(checkup, _surroundings(version, tap.config))
        else:
            text = checkup_text.render(checkup, options["show"], tables.terminal_width())
        click.echo(text, nl=False)
        sys.exit(checkup.exit_status)

    return check


def _tap(
    new_tap: NewTap, config: _ConfigInput, catalog: t.IO[str] | None, state: t.IO[str] | None
) -> Tap:
    try:
        earlier = input_files.read(state, "state")
        tap = new_tap(config, input_files.read_catalog(catalog), earlier)
        select = selection.patterns(os.environ) if config.parse_env and not catalog else []
        if not select:
            return tap
        return new_tap(config, selection.selected(tap.catalog_dict, select), earlier)
    except (ConfigValidationError, MappingError) as error:
        for line in input_files.complaints(error):
            say(line)
        sys.exit(WRONG_SETTINGS)


def _compare_with_meltano(tap: Examined) -> None:
    """Have those named that runs under Meltano have read and that are out of reach now."""
    try:
        for state in meltano_states.exported(os.environ):
            input_files.check_state(state, tap.streams.keys())
            tap.run.earlier = tap.run.earlier.also(EarlierRuns.of(state))
    except meltano_states.UnknownStatesError as error:
        say(f"Meltano's states are not compared with what is in sight: {error}")
    except ConfigValidationError as error:
        for line in input_files.complaints(error):
            say(line)


def _surroundings(version: str, config: Mapping[str, t.Any]) -> dict[str, str]:
    """Return versions and settings, without anything that is nobody else's business."""
    found = {
        "tap-linkedin-ads": version,
        "singer-sdk": metadata.version("singer-sdk"),
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    }
    for name in sorted(config):
        value, row = config[name], SETTINGS.get(name)
        if value in (None, "", [], {}):
            continue
        if row and row.kind.support == "value":
            found[name] = json.dumps(value, default=str)
        elif row and row.kind.support == "count":
            count = len(value) if isinstance(value, list) else len(str(value).split(","))
            found[name] = f"{count} set"
        else:
            found[name] = "set"
    return found
