"""A run from its first message to the summary on stderr, and what stops it."""

from __future__ import annotations

import abc
import contextlib
import logging
import os
import signal
import threading
import typing as t

from singer_sdk import Tap
from singer_sdk.exceptions import (
    AbortedSyncFailedException,
    AbortedSyncPausedException,
    MappingError,
)
from singer_sdk.singerlib import StateMessage
from typing_extensions import override

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.cli import progress_display, summary_display
from tap_linkedin_ads.cli.allocator import keep_little_free_memory
from tap_linkedin_ads.settings import input_files, stream_maps
from tap_linkedin_ads.streams import LinkedInStream
from tap_linkedin_ads.sync import stdout_reader
from tap_linkedin_ads.sync.messages import MessageWriter, StoppedBySignal, UnwritableError
from tap_linkedin_ads.sync.run_report import PARTIAL, Severity

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from tap_linkedin_ads.sync.run import Run

_READER_IS_GONE = "stdout was closed by its reader"


class ReportingTap(Tap, metaclass=abc.ABCMeta):
    """A tap whose runs end with a report and an exit status, however they end."""

    _stopped_by = 0
    """The signal that stops the run; 0 before there is one."""
    _reader_is_gone = False

    @property
    @abc.abstractmethod
    def run(self) -> Run:
        """Return the present run."""

    def sync_and_report(self) -> int:
        """Sync all selected streams and say on stderr what was read and what was not.

        Returns:
            The exit status.
        """
        return self._report_on(self.sync_all)

    def test_and_report(self) -> int:
        """Likewise, but stop each stream behind its first record."""
        return self._report_on(self._sync_a_little)

    def _sync_a_little(self) -> None:
        """Read one record of each selected stream, and of those in whose objects others lie."""
        for stream in self.streams.values():
            stream.ABORT_AT_RECORD_COUNT = 1
        for stream in self.streams.values():
            is_read = stream.selected or stream.has_selected_descendents
            if stream.parent_stream_type or not is_read:
                continue
            with contextlib.suppress(AbortedSyncFailedException, AbortedSyncPausedException):
                stream.sync()
            for read in (stream, *stream.child_streams):
                self.run.report.finish(read.name)

    def _report_on(self, sync: Callable[[], None]) -> int:
        status = PARTIAL
        keep_little_free_memory()
        run_report = self.run.report
        run_report.characters_replaced = self.run.client.characters_replaced
        try:
            run_report.selected = [name for name, s in self.streams.items() if s.selected]
            run_report.page_streams = frozenset(
                name
                for name, stream in self.streams.items()
                if isinstance(stream, LinkedInStream) and stream.owner_key == "organization_id"
            )
            self._warn_of_unknown_names()
            self.run.give_notice()
            with (
                progress_display.shown(self.run.snapshot, self.logger.info),
                stdout_reader.watched(self._stop_without_reader),
            ):
                sync()
            self._stop_if_told()
            status = run_report.exit_status
        except StoppedBySignal as stop:
            reason = f"stopped by signal {stop.signum}"
            if self._reader_is_gone:
                reason = _READER_IS_GONE
            else:
                status = stop.status
            run_report.note("run", None, reason, Severity.FAILED)
            self._write_last_state()
        except RequestFailedError as error:
            reason = explain(error.failure, error.resource)
            self.logger.error("%s", reason)  # noqa: TRY400  a foreseen error shows no traceback
            run_report.note("run", None, reason, Severity.FAILED)
            self._write_last_state()
        except UnwritableError as error:
            stdout_reader.abandon()
            self.logger.error("%s", error)  # noqa: TRY400  a foreseen error shows no traceback
            run_report.note("run", None, str(error), Severity.FAILED)
        except MappingError as error:
            (reason,) = input_files.complaints(error)
            self.logger.error("%s", reason)  # noqa: TRY400  a mistake in the settings
            run_report.note("run", None, reason, Severity.FAILED)
        except BrokenPipeError:
            stdout_reader.abandon()
            run_report.note("run", None, _READER_IS_GONE, Severity.FAILED)
        except Exception as error:
            self.logger.exception("The tap failed in a way that it does not foresee.")
            reason = f"unforeseen {type(error).__name__}: {error}; please report it with the log"
            run_report.note("run", None, " ".join(reason.split())[:500], Severity.FAILED)
        finally:
            # Threads that still wait for LinkedIn must not write behind the last line.
            logging.disable(logging.CRITICAL)
            client = self.run.client
            self.run.close()
            differences = client.adaptations.differences
            summary_display.show(run_report, client.requests_sent, status, differences)
        return status

    def _write_last_state(self) -> None:
        """End with a state, even one that was written before: records have come since."""
        try:
            self.message_writer.write_message(StateMessage(value=self.state))
        except BrokenPipeError:  # what ends the tap often ends the loader, too
            stdout_reader.abandon()

    def _stop_without_reader(self) -> None:
        """Stop the main thread, which may be waiting for LinkedIn; called from another one."""
        if not self._stopped_by:
            self._reader_is_gone = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _stop_if_told(self) -> None:
        """Stop for a signal that came where the interpreter lets no exception through."""
        if self._stopped_by:
            raise StoppedBySignal(self._stopped_by)

    @override
    def _setup_signal_handlers(self) -> None:
        """Stop for a terminal that is closed, too, unless that is ignored (nohup)."""
        super()._setup_signal_handlers()
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and hasattr(signal, "SIGHUP") and not signal.getsignal(signal.SIGHUP):
            signal.signal(signal.SIGHUP, self._handle_termination)

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Stop: now, or behind the message that is being written; at once the second time."""
        if self._stopped_by:
            progress_display.give_back_terminal()
            os._exit(128 + signum)
        self._stopped_by = signum
        if isinstance(self.message_writer, MessageWriter):
            self.message_writer.stop(signum)
        else:
            raise StoppedBySignal(signum)

    def _warn_of_unknown_names(self) -> None:
        """Note streams and columns that the catalog or stream maps name and that do not exist."""
        offered = {name: s.schema["properties"].keys() for name, s in self.streams.items()}
        found = {
            "catalog": input_files.not_offered(self.input_catalog, offered),
            "stream_maps": stream_maps.unknown_names(self.config.get("stream_maps"), offered),
        }
        for where, reasons in found.items():
            for reason in reasons:
                self.logger.warning("%s", reason)
                self.run.report.note(where, None, reason, Severity.WARNING)
