"""One bookmark for each ad account (or organization) of a stream, in the SDK's state layout.

``bookmarks.<stream>.partitions[]`` holds ``context.<id>``, ``replication_key`` and
``replication_key_value``. The entries are indexed once, so that thousands of accounts cost no
search.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from tap_linkedin_ads.api import epoch

if t.TYPE_CHECKING:
    from collections.abc import Iterator


class Bookmarks:
    """Reads and moves the bookmarks of one stream."""

    def __init__(
        self,
        stream_state: dict[str, t.Any],
        *,
        context_key: str,
        replication_key: str | None,
        today: dt.date = dt.date.max,
    ) -> None:
        """Index a stream's part of the state.

        Args:
            stream_state: The stream's state dictionary, changed in place.
            context_key: ``account_id`` or ``organization_id``.
            replication_key: The column whose values the bookmarks hold; None keeps no bookmark.
            today: The UTC day behind which a bookmark lies in the future.
        """
        self._state = stream_state
        self._context_key = context_key
        self._replication_key = replication_key
        self._today = today
        self._by_owner: dict[int, dict[str, t.Any]] = {}
        for partition in stream_state.get("partitions", []):
            owner = (partition.get("context") or {}).get(context_key)
            if owner is not None and str(owner).isdigit():
                partition["context"][context_key] = int(owner)
                self._by_owner[int(owner)] = partition

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._by_owner))

    def get(self, owner: int) -> str | None:
        """Return an owner's bookmark, or None where it has none for this replication key."""
        partition = self._by_owner.get(owner, {})
        value = partition.get("replication_key_value")
        same_key = partition.get("replication_key", self._replication_key) == self._replication_key
        return str(value) if value and same_key and self._replication_key else None

    def instant(self, owner: int) -> dt.datetime | None:
        """Return an owner's bookmark in UTC.

        One that lies in the future is the present day, one before 1970 the epoch.

        Raises:
            ValueError: It does not begin with a date.
        """
        value = self.get(owner)
        if value is None:
            return None
        found = epoch.parse(value)
        if found.date() > self._today:
            return epoch.midnight(self._today)
        return max(found, epoch.EPOCH)

    def day(self, owner: int) -> dt.date | None:
        """Return the UTC day of ``instant``."""
        found = self.instant(owner)
        return None if found is None else found.date()

    def in_future(self) -> dict[int, str]:
        """Return the bookmarks that lie behind the present day, by owner."""
        found = {owner: value for owner in self if (value := self.get(owner)) is not None}
        return {o: value for o, value in found.items() if epoch.parse(value).date() > self._today}

    def move(self, owner: int, value: str) -> bool:
        """Move an owner's bookmark forward; False where it stays where it is."""
        if self._replication_key is None:
            return False
        known = self.get(owner)
        if known is not None and epoch.parse(known) >= epoch.parse(value):
            return False
        partition = self._partition(owner)
        partition["replication_key"] = self._replication_key
        partition["replication_key_value"] = value
        return True

    def remember(self, owner: int) -> None:
        """Keep that an owner was read, with or without a bookmark."""
        self._partition(owner)

    def progress(self, owner: int) -> dict[str, t.Any] | None:
        """Return the progress markers of an unfinished pass, None where there is none."""
        markers = self._by_owner.get(owner, {}).get("progress_markers")
        return markers if self._replication_key and isinstance(markers, dict) else None

    def keep_progress(self, owner: int, markers: dict[str, t.Any] | None) -> None:
        """Keep how far an unfinished pass has come; None where it is finished."""
        if self._replication_key is None:
            return
        if markers is not None:
            self._partition(owner)["progress_markers"] = markers
        elif owner in self._by_owner:
            self._by_owner[owner].pop("progress_markers", None)

    def kept(self, owner: int, name: str) -> dict[str, t.Any]:
        """Return what a run has kept of an owner beside its bookmark under a name."""
        found = self._by_owner.get(owner, {}).get(name)
        return dict(found) if self._replication_key and isinstance(found, dict) else {}

    def keep(self, owner: int, name: str, values: dict[str, t.Any]) -> None:
        """Keep something of an owner for later runs."""
        if self._replication_key is not None:
            self._partition(owner)[name] = values

    def _partition(self, owner: int) -> dict[str, t.Any]:
        """Return an owner's entry, a new one where it has none."""
        if owner not in self._by_owner:
            self._by_owner[owner] = {"context": {self._context_key: owner}}
            self._state.setdefault("partitions", []).append(self._by_owner[owner])
        return self._by_owner[owner]


def is_one_by_one(state: t.Any) -> bool:  # noqa: ANN401  whatever the state file holds
    """Whether a pass that is to be finished found that LinkedIn offers no BATCH_GET."""
    streams = state.get("bookmarks") if isinstance(state, dict) else None
    for stream in streams.values() if isinstance(streams, dict) else ():
        partitions = stream.get("partitions") if isinstance(stream, dict) else None
        for partition in partitions if isinstance(partitions, list) else ():
            markers = partition.get("progress_markers") if isinstance(partition, dict) else None
            if isinstance(markers, dict) and markers.get("one_by_one"):
                return True
    return False
