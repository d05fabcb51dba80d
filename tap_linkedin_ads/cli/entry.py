"""What the command line offers: the SDK's flags, and the commands beside them."""

from __future__ import annotations

import abc
import collections
import sys
import typing as t

import click
from singer_sdk.exceptions import ConfigValidationError, MappingError
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import override

from tap_linkedin_ads.cli import accounts as accounts_command
from tap_linkedin_ads.cli import import_state as import_state_command
from tap_linkedin_ads.cli import summary_display
from tap_linkedin_ads.cli.check import command as check_command
from tap_linkedin_ads.cli.command import TapCommand
from tap_linkedin_ads.cli.login import command as login_command
from tap_linkedin_ads.cli.options import StateFile
from tap_linkedin_ads.cli.run import ReportingTap
from tap_linkedin_ads.settings import input_files
from tap_linkedin_ads.sync.run_report import WRONG_SETTINGS, RunReport, Severity

if t.TYPE_CHECKING:
    from tap_linkedin_ads.sync.directory import Directory


class CommandLineTap(ReportingTap, metaclass=abc.ABCMeta):
    """A tap that is started from the command line."""

    @property
    @abc.abstractmethod
    def api_version(self) -> str:
        """Return the API version as YYYYMM."""

    @property
    @abc.abstractmethod
    def directory(self) -> Directory:
        """Return what the streams of the present run share."""

    @classmethod
    @override
    def get_singer_command(cls) -> click.Command:
        """Return the SDK's command with this tap's exit statuses, and the commands beside it."""
        command = super().get_singer_command()
        for option in command.params:
            if option.name == "state":
                option.type = StateFile()
            elif option.name == "test":  # ``invoke`` does it, which knows catalog and state
                option.callback, option.expose_value = None, True

        @click.pass_context
        def without_subcommand(context: click.Context, /, **options: t.Any) -> None:  # noqa: ANN401
            if context.invoked_subcommand is None:
                cls.invoke(**options)

        return TapCommand(
            name=command.name,
            callback=without_subcommand,
            params=command.params,
            help=cls.__doc__,
            context_settings=command.context_settings,
            invoke_without_command=True,
            commands=[
                login_command.command(lambda: cls._env_var_config),
                check_command.command(
                    lambda config, catalog, state: cls(
                        config=config.config,
                        parse_env_config=config.parse_env,
                        catalog=catalog,
                        state=state,
                    )
                ),
                accounts_command.command(
                    lambda config, state: cls(
                        config=config.config, parse_env_config=config.parse_env, state=state
                    )
                ),
                import_state_command.command(
                    lambda config: cls(config=config.config, parse_env_config=config.parse_env)
                ),
            ],
            logger=cls.logger,
        )

    @classmethod
    @override
    def invoke(  # type: ignore[override]
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        state: t.IO[str] | None = None,
        catalog: t.IO[str] | None = None,
        test: str = CliTestOptionValue.Disabled.value,
    ) -> None:
        """Run the tap; the last line on stderr is a JSON summary.

        Args:
            about: Show settings and capabilities instead of running.
            about_format: ``json`` or ``markdown``.
            config: Settings from files, and whether to read environment variables.
            state: The state file.
            catalog: The catalog file.
            test: ``all`` reads one record of each selected stream, ``schema`` writes schemas only.
        """
        if about:
            cls.print_about(about_format)
            return
        cls.print_version(print_fn=cls.logger.info)
        config = config or _ConfigInput()
        try:
            tap = cls(
                config=config.config,
                state=input_files.read(state, "state"),
                catalog=input_files.read_catalog(catalog),
                parse_env_config=config.parse_env,
            )
            if catalog and not any(stream.selected for stream in tap.streams.values()):
                raise input_files.nothing_selected()
        except (ConfigValidationError, MappingError) as error:
            run_report = RunReport()
            for line in input_files.complaints(error):
                cls.logger.error("%s", line)  # noqa: TRY400  no traceback wanted
                run_report.note("settings", None, line, Severity.FAILED)
            summary_display.show(run_report, collections.Counter(), WRONG_SETTINGS)
            sys.exit(WRONG_SETTINGS)
        if test == CliTestOptionValue.Schema.value:
            tap.write_schemas()
        elif test == CliTestOptionValue.Disabled.value:
            sys.exit(tap.sync_and_report())
        else:
            sys.exit(tap.test_and_report())
