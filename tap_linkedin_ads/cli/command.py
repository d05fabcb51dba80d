"""The command line: the SDK's, with exit statuses and errors that a user can act on."""

from __future__ import annotations

import gc
import logging
import sys
import typing as t

import click
from singer_sdk.exceptions import ConfigValidationError, MappingError
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from tap_linkedin_ads.api.errors import TapError
from tap_linkedin_ads.settings import input_files
from tap_linkedin_ads.sync.messages import whole_output
from tap_linkedin_ads.sync.run_report import PARTIAL, WRONG_SETTINGS

_MANY_OBJECTS = 50_000
"""Objects that are made before Python looks for garbage among them."""


class TapCommand(SingerCommand, click.Group):
    """Turns what is foreseen into one clear message and an exit status.

    Singer's flags stay at the top; other commands stand beside them.
    """

    @override
    def main(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        # Modules stay, and rows go without garbage: looking for some is a tenth of a long run.
        gc.freeze()
        gc.set_threshold(_MANY_OBJECTS)
        try:
            with whole_output():
                return super().main(*args, **kwargs)
        except (ConfigValidationError, MappingError) as error:
            self._fail(WRONG_SETTINGS, *input_files.complaints(error))
        except OSError as error:
            if error.filename is None:
                raise
            self._fail(WRONG_SETTINGS, f"{error.filename}: {error.strerror}")
        except TapError as error:
            self._fail(PARTIAL, str(error))

    @override
    def make_context(self, *args: t.Any, **kwargs: t.Any) -> click.Context:
        """Read the command line and the config files that it names."""
        try:
            return super().make_context(*args, **kwargs)
        except OSError as error:
            self._fail(WRONG_SETTINGS, str(error))
        except (ValueError, TypeError) as error:
            self._fail(WRONG_SETTINGS, f"A config file holds no JSON object: {error}")

    @override
    def invoke(self, ctx: click.Context) -> t.Any:
        logging.captureWarnings(capture=True)
        sys.excepthook = self.excepthook
        return click.Group.invoke(self, ctx)

    def _fail(self, status: int, *lines: str) -> t.NoReturn:
        for line in lines:
            self.logger.error(line)
        sys.exit(status)
