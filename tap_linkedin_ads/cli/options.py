"""What the commands beside the Singer flags know of the command line around them."""

from __future__ import annotations

import dataclasses
import sys
import typing as t
from pathlib import Path

import click
from singer_sdk.plugin_base import _ConfigInput
from typing_extensions import override

from tap_linkedin_ads.sync.run_report import WRONG_SETTINGS


class StateFile(click.File):
    """A state file; where it does not exist yet and its folder does, this is a first run."""

    @override
    def convert(
        self, value: t.Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> t.Any:
        if isinstance(value, str) and value != "-":
            path = Path(value)
            if not path.exists() and path.absolute().parent.is_dir():
                say(f"{value} does not exist yet, so this is a first run: no state is read.")
                return None
        return super().convert(value, param, ctx)


def config_input(context: click.Context) -> _ConfigInput:
    """Return what ``--config`` named; without it the environment and ``.env`` are read."""
    given = context.parent.params.get("config") if context.parent else None
    given = given if isinstance(given, _ConfigInput) else _ConfigInput()
    if not given.config and not given.parse_env:
        return dataclasses.replace(given, parse_env=True)
    return given


def say(text: str) -> None:
    """Tell the person at the terminal something; stdout is for what the command gives."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  stderr is where talk belongs


def wrong(text: str) -> t.NoReturn:
    """End the command because of a setting or an option."""
    say(f"Error: {text}.")
    sys.exit(WRONG_SETTINGS)
