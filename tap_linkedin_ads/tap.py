"""The tap: its settings and its streams."""

from __future__ import annotations

import functools
import itertools
import typing as t

from singer_sdk import Stream, Tap
from singer_sdk.configuration._dict_config import merge_missing_config_jsonschema
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from typing_extensions import override

from tap_linkedin_ads.api.clock import Clock, SystemClock
from tap_linkedin_ads.api.transport import CERTIFICATES
from tap_linkedin_ads.cli.entry import CommandLineTap
from tap_linkedin_ads.records import schema
from tap_linkedin_ads.reporting.reports import REPORTS
from tap_linkedin_ads.settings import configuration, environment, input_files, stream_maps
from tap_linkedin_ads.settings.table import ACTIVATE_VERSION, JSON_SCHEMA, Configuration
from tap_linkedin_ads.streams import (
    ENTITY_STREAMS,
    PERSONAL_STREAMS,
    LinkedInStream,
    ReportCoverage,
)
from tap_linkedin_ads.streams.ads.entities import AccountEntities
from tap_linkedin_ads.streams.ads.segments import AdSegments
from tap_linkedin_ads.streams.pages.post_activity import PostActivity
from tap_linkedin_ads.streams.reports.ad_reach import AdReach
from tap_linkedin_ads.streams.reports.ad_report import AdReport
from tap_linkedin_ads.streams.reports.records import NAME_COLUMNS
from tap_linkedin_ads.sync import bookmarks, log_levels
from tap_linkedin_ads.sync.directory import Directory
from tap_linkedin_ads.sync.earlier_runs import EarlierRuns
from tap_linkedin_ads.sync.messages import MessageWriter
from tap_linkedin_ads.sync.run import Run

if t.TYPE_CHECKING:
    from singer_sdk.helpers.capabilities import CapabilitiesEnum


DISTRIBUTION = "tap-linkedin-ads-and-pages"


class TapLinkedInAds(CommandLineTap):
    """Singer tap for LinkedIn Ads and LinkedIn company pages."""

    name = "tap-linkedin-ads"
    package_name = DISTRIBUTION
    config_jsonschema: t.ClassVar[dict[str, t.Any]] = JSON_SCHEMA
    message_writer_class = MessageWriter
    capabilities: t.ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    """All of the SDK's but BATCH, which would ignore selection and stream maps."""

    def __init__(self, *args: t.Any, clock: Clock | None = None, **kwargs: t.Any) -> None:  # noqa: ANN401
        """Create the tap.

        Args:
            *args: The SDK's arguments.
            clock: Where time comes from; the machine's clock unless a test hands in another.
            **kwargs: The SDK's arguments.
        """
        self._clock = clock or SystemClock()
        self._told_of_version = False
        self._earlier = EarlierRuns()
        log_levels.lower(self.logger)
        if kwargs.get("parse_env_config"):
            for line in self._misspelt_variables():
                self.logger.warning("%s", line)
        super().__init__(*args, **kwargs)

    # Settings

    @classproperty
    @override
    def _env_var_config(cls) -> dict[str, t.Any]:  # noqa: N805  as in the SDK
        return environment.from_environment(
            cls._env_var_prefix, cls.config_jsonschema["properties"], cls._built_in_settings()
        )

    @classmethod
    def _misspelt_variables(cls) -> list[str]:
        known = {*cls.config_jsonschema["properties"], *cls._built_in_settings()}
        return environment.misspelt(cls._env_var_prefix, known)

    @classmethod
    @override
    def append_builtin_config(cls, config_jsonschema: dict[str, t.Any]) -> None:
        """Add the SDK's own settings; of this one it has the code but not the setting."""
        super().append_builtin_config(config_jsonschema)
        merge_missing_config_jsonschema(ACTIVATE_VERSION, config_jsonschema)

    @classmethod
    @functools.cache
    def _built_in_settings(cls) -> dict[str, t.Any]:
        """Return the SDK's own settings, each with its JSON schema."""
        built_in: dict[str, t.Any] = {"properties": {}}
        cls.append_builtin_config(built_in)
        return t.cast("dict[str, t.Any]", built_in["properties"])

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check all settings and tell everything that is wrong at once."""
        errors = self._wrong_settings()
        if errors and raise_errors:
            raise ConfigValidationError(
                "Wrong settings", errors=errors, schema=dict(self.config_jsonschema)
            )
        return errors

    def _wrong_settings(self) -> list[str]:
        built_in = self._built_in_settings()
        return [
            *self._settings[1],
            *environment.wrong(self.config, built_in),
            *environment.missing_certificates(CERTIFICATES),
        ]

    @override
    def load_state(self, state: dict[str, t.Any]) -> None:
        """Take in the state of an earlier run.

        Raises:
            ConfigValidationError: It is damaged, or the state of another tap.
        """
        state, where = input_files.unwrapped(state)
        if where:
            self.logger.warning("%s.", where)
        if state:  # discovery has none, and streams may be wrong there
            types = itertools.chain.from_iterable(PERSONAL_STREAMS.values())
            personal = {str(vars(stream)["name"]) for stream in types}
            input_files.check_state(state, personal | self.streams.keys())
        self._earlier = EarlierRuns.of(state)
        super().load_state({key: value for key, value in state.items() if value is not None})

    @functools.cached_property
    def _settings(self) -> tuple[Configuration, list[str]]:
        self.append_builtin_config(self.config_jsonschema)
        return configuration.read(
            self.config,
            known=frozenset(self.config_jsonschema["properties"]),
            today=self._clock.now().date(),
            version=self.get_plugin_version(),
        )

    # Streams

    @override
    def discover_streams(self) -> list[Stream]:
        """Return all streams; none of them sends a request.

        Raises:
            ConfigValidationError: A setting is wrong; nobody has to have credentials yet.
        """
        settings, _ = self._settings
        missing = configuration.missing_credentials(self.config)
        if wrong := [error for error in self._wrong_settings() if error not in missing]:
            raise ConfigValidationError("Wrong settings", errors=wrong)
        self._tell_of_version(settings.api_version)
        personal = (types for name, types in PERSONAL_STREAMS.items() if getattr(settings, name))
        types = itertools.chain(ENTITY_STREAMS, *personal)
        streams: list[Stream] = [stream_type(self) for stream_type in types]
        reports = [
            report.by_trait(
                settings.demographics_granularity,
                one_campaign_each=settings.demographics_level == "campaign",
            )
            if report.is_demographic
            else report
            for report in REPORTS
        ]
        streams += [AdReport(self, report, settings.api_version) for report in reports]
        streams.append(AdReach(self, settings.api_version))
        streams += [AdReport(self, report, settings.api_version) for report in settings.reports]
        streams.append(ReportCoverage(self))
        self._order = [stream.name for stream in streams]
        return streams

    def _tell_of_version(self, api_version: str) -> None:
        """Say once what the catalog lacks because the API version does not have it."""
        if not self._told_of_version and (missing := schema.newer_than(api_version)):
            self.logger.info(
                "API version %s does not have these, so the catalog leaves them out: %s",
                api_version,
                ", ".join(missing),
            )
        self._told_of_version = True

    @functools.cached_property
    @override
    def api_version(self) -> str:
        return self._settings[0].api_version

    @property
    @override
    def streams(self) -> dict[str, Stream]:
        """Return the streams in the order of syncing: entities before the reports on them."""
        if self._streams is None:
            by_name = dict(super().streams)
            self._streams = {name: by_name[name] for name in self._order}
        return self._streams

    @override
    def setup_mapper(self) -> None:
        """Set up the stream maps of selected streams; those of others have no effect."""
        super(Tap, self).setup_mapper()
        stream_maps.register(self.mapper, self.catalog)

    # What streams share

    @functools.cached_property
    @override
    def run(self) -> Run:
        return Run.start(self._settings[0], self._clock, self.logger, self._earlier)

    @functools.cached_property
    @override
    def directory(self) -> Directory:
        streams = [s for s in self.streams.values() if isinstance(s, LinkedInStream)]
        return Directory(
            self.run,
            finders={
                stream.name: stream.finder
                for stream in streams
                if isinstance(stream, AccountEntities)
                and stream.name in {*NAME_COLUMNS.values(), AdSegments.name}
            },
            named_by=[stream.entity_streams for stream in streams if stream.selected],
            page_needs={s.name: s.page_roles for s in streams if s.selected and s.page_roles},
            keeps_post_lists=any(
                isinstance(stream, PostActivity) and (stream.selected or stream.selected_children)
                for stream in streams
            ),
            keeps_receipts=self.streams[ReportCoverage.name].selected,
            is_one_by_one=bookmarks.is_one_by_one(self.state),
        )

    @override
    def _reset_state_progress_markers(self) -> None:
        """Keep progress markers: posts go on where the last run stopped."""
