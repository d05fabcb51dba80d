"""One read of LinkedIn, before it is sent."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_linkedin_ads.api import restli


@dataclass(frozen=True, slots=True)
class Request:
    """One read of LinkedIn.

    Attributes:
        resource: LinkedIn's resource (``adCampaigns``), which quotas and scopes go by.
        path: Path below ``/rest``, entity keys already encoded.
        parameters: Query parameters in plain Python values.
        restli_method: ``FINDER`` or ``BATCH_GET`` where LinkedIn wants the header.
        stream: The stream that asks; requests are counted by it.
    """

    resource: str
    path: str
    parameters: Mapping[str, restli.Value] = field(default_factory=dict)
    restli_method: str | None = None
    stream: str = ""

    def with_parameters(self, more: Mapping[str, restli.Value]) -> Request:
        return replace(self, parameters={**self.parameters, **more})
