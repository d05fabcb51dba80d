"""One bookmark for each ad account (or organization) of a stream, in the SDK's state layout.

``bookmarks.<stream>.partitions[]`` holds ``context.<id>``, ``replication_key`` and
``replication_key_value``. The entries are indexed once, so that thousands of accounts cost no
search.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator


class Bookmarks:
    """Reads and moves the bookmarks of one stream."""

    def __init__(
        self, stream_state: dict[str, t.Any], *, context_key: str, replication_key: str | None
    ) -> None:
        """Index a stream's part of the state.

        Args:
            stream_state: The stream's state dictionary, changed in place.
            context_key: ``account_id`` or ``organization_id``.
            replication_key: The column whose values the bookmarks hold; None keeps no bookmark.
        """
        self._state = stream_state
        self._context_key = context_key
        self._replication_key = replication_key
        self._by_owner: dict[int, dict[str, t.Any]] = {}
        for partition in stream_state.get("partitions", []):
            owner = (partition.get("context") or {}).get(context_key)
            if owner is not None and str(owner).isdigit():
                partition["context"][context_key] = int(owner)
                self._by_owner[int(owner)] = partition

    def __iter__(self) -> Iterator[int]:
        """Give the ids that have an entry."""
        return iter(tuple(self._by_owner))

    def get(self, owner: int) -> str | None:
        """Return an owner's bookmark, or None where it has none for this replication key."""
        partition = self._by_owner.get(owner, {})
        value = partition.get("replication_key_value")
        same_key = partition.get("replication_key", self._replication_key) == self._replication_key
        return str(value) if value and same_key and self._replication_key else None

    def move(self, owner: int, value: str) -> bool:
        """Move an owner's bookmark forward; False where it stays where it is."""
        if self._replication_key is None:
            return False
        known = self.get(owner)
        if known is not None and known >= value:
            return False
        partition = self._partition(owner)
        partition["replication_key"] = self._replication_key
        partition["replication_key_value"] = value
        return True

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

    def _partition(self, owner: int) -> dict[str, t.Any]:
        """Return an owner's entry, a new one where it has none."""
        if owner not in self._by_owner:
            self._by_owner[owner] = {"context": {self._context_key: owner}}
            self._state.setdefault("partitions", []).append(self._by_owner[owner])
        return self._by_owner[owner]


def is_one_by_one(state: t.Any) -> bool:  # noqa: ANN401  whatever the state file holds
    """Tell whether a pass that is to be finished found that LinkedIn offers no BATCH_GET."""
    streams = state.get("bookmarks") if isinstance(state, dict) else None
    for stream in streams.values() if isinstance(streams, dict) else ():
        partitions = stream.get("partitions") if isinstance(stream, dict) else None
        for partition in partitions if isinstance(partitions, list) else ():
            markers = partition.get("progress_markers") if isinstance(partition, dict) else None
            if isinstance(markers, dict) and markers.get("one_by_one"):
                return True
    return False
