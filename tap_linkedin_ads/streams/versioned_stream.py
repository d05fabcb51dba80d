"""ACTIVATE_VERSION: lets a loader drop the rows that LinkedIn no longer has."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.api.responses import UNREADABLE
from tap_linkedin_ads.streams.noting_stream import NotingStream
from tap_linkedin_ads.sync import activation
from tap_linkedin_ads.sync.bookmarks import Bookmarks
from tap_linkedin_ads.sync.earlier_runs import last_days

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class VersionedStream(NotingStream):
    """A stream whose records carry a version where a run reads all there are."""

    @property
    def is_read_whole(self) -> bool:
        """Whether a run gives all there is, so that records that it does not give are gone.

        With a version, a stream leaves nothing out that it has given before.
        """
        return False

    @property
    def has_version(self) -> bool:
        """Whether a loader may have to know which records this run has given."""
        return self._stream_version is not None

    def begin_version(self, version: int | None) -> None:
        """Return the records of this run a version; None where they are not all there are."""
        self._stream_version = version

    def new_version(self) -> int | None:
        """Return the second in which the stream begins, where older versions may be outdated.

        Whose records it will give is remembered: one who is out of reach later is not gone.
        """
        if not self.config.get("emit_activate_version_messages") or not self.is_read_whole:
            return None
        if why := activation.limit(
            self.name, self.owner_keys, self.run.settings, self.config.get("stream_maps") or {}
        ):
            self._keep(f"{why} limits the run")
            return None
        for key in self.owner_keys:
            bookmarks = self.bookmarks
            if key != self.owner_key:
                bookmarks = Bookmarks(self.stream_state, context_key=key, replication_key=None)
            for owner in self._reach(key).readable:
                bookmarks.remember(owner)
        return int(self.run.clock.now().timestamp())

    def _reach(self, owner_key: str) -> activation.Reach:
        """Return the owners that can be read now, none where that failed, which is noted."""
        accounts, pages = self.directory.ad_accounts, self.directory.organizations
        try:
            if owner_key == "account_id":
                return activation.Reach(accounts.ids, accounts.ids)
            return activation.Reach(pages.by_id, pages.readable_with(self.page_roles))
        except (*UNREADABLE, RequestFailedError):
            return activation.Reach((), ())

    def activate(self, children: Iterable[VersionedStream]) -> None:
        """Let a loader drop what this run did not give, where it has read everything.

        Args:
            children: The selected streams inside this one.
        """
        if self._stream_version is None:
            return
        reach = {key: self._reach(key) for key in self.owner_keys}
        own, state = {"bookmarks": {self.name: self.stream_state}}, self.tap_state
        lost: set[int] = set()
        for key, found in reach.items():
            lost |= last_days(state, key).keys() - set(found.found)
            lost |= last_days(own, key).keys() - set(found.readable)
        if lost:
            ids = ", ".join(map(str, sorted(lost)[:5]))
            self._keep(f"{len(lost)} ad accounts or pages are out of reach ({ids})")
        elif self.incomplete or not any(found.readable for found in reach.values()):
            self._keep("not all was read")
        else:
            for stream in (self, *children):
                stream.send_version((self.name, *self.entity_streams), self.owner_keys)

    def send_version(self, depends_on: Collection[str], owner_keys: Collection[str]) -> None:
        """Let a loader drop what this stream did not give, unless something is noted.

        Args:
            depends_on: The streams without which this one is not whole.
            owner_keys: Context keys of its owners.
        """
        if self._stream_version is None or not self.selected:
            return
        if activation.missing((self.name, *depends_on), owner_keys, self.run.report):
            self._keep("not all was read")
        else:
            self._write_activate_version_message(self._stream_version)

    def _keep(self, why: str) -> None:
        self.logger.info("%s: rows that LinkedIn no longer gives stay: %s.", self.name, why)
