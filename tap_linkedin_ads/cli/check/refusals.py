"""What LinkedIn refused of the requests of one check."""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api.errors import Remedy

if t.TYPE_CHECKING:
    from tap_linkedin_ads.api.errors import RequestFailedError


class Refusals:
    """The first refusal of each kind of request; a kind is asked once."""

    def __init__(self) -> None:
        self._by_kind: dict[str, RequestFailedError | None] = {}

    def is_new(self, kind: str) -> bool:
        """Whether a kind of request was not sent yet; from now on it counts as sent."""
        if kind in self._by_kind:
            return False
        self._by_kind[kind] = None
        return True

    def of(self, kind: str) -> RequestFailedError | None:
        return self._by_kind.get(kind)

    def note(self, kind: str, error: RequestFailedError) -> None:
        """Keep a refusal; what concerns the token or the version ends the check.

        Raises:
            RequestFailedError: Nothing at all can work.
        """
        if error.failure.remedy is Remedy.STOP:
            raise error
        self._by_kind[kind] = error
