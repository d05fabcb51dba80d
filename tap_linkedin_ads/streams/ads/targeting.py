"""Whom campaigns target, a row a value, with names.

LinkedIn's rules: LI-80, LI-58, LI-59, LI-40.
"""

from __future__ import annotations

import functools
import typing as t

from typing_extensions import override

from tap_linkedin_ads.api import urn
from tap_linkedin_ads.records import entity, values
from tap_linkedin_ads.streams.ads.campaigns import Campaigns
from tap_linkedin_ads.streams.ads.segments import AdSegments
from tap_linkedin_ads.streams.ads.targeting_criteria import Odd, Target, targets
from tap_linkedin_ads.streams.linkedin_stream import ChildRecords

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record

    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.records.entity import UnreadableValue

_MOST_WAITING = 1000
"""Campaigns whose values are looked up together: a page of them."""
_SEGMENT = "adSegment"
_SAYS_ITSELF = frozenset({"", "ageRange", "gender", "locale", "staffCountRange"})
"""Kinds of values whose key is their name; the empty one is that of plain texts."""


class CampaignTargeting(ChildRecords):
    """One value that a campaign includes or excludes.

    Rows wait until their names can be asked for with those of other campaigns.
    """

    name = "campaign_targeting"
    parent_stream_type = Campaigns
    selected_by_default = False
    primary_keys = ("campaign_id", "clause", "clause_number", "facet_urn", "value_urn")

    @property
    @override
    def entity_streams(self) -> tuple[str, ...]:
        return (AdSegments.name,) if self.selected and "value_name" in self.columns else ()

    @functools.cached_property
    def _waiting(self) -> list[tuple[int, Wire, list[Target | Odd]]]:
        return []

    @override
    def write(self, owner: int, source: Wire) -> None:
        self._waiting.append((owner, source, list(targets(source.get("targetingCriteria")))))
        if len(self._waiting) >= _MOST_WAITING:
            self._write_waiting()

    @override
    def end(self) -> None:
        self._write_waiting()
        self.directory.names.release(self.entity_streams)

    def _write_waiting(self) -> None:
        self._look_up()
        for owner, campaign, found in self._waiting:
            super().write(owner, (campaign, found))
        self._waiting.clear()

    def _look_up(self) -> None:
        """Ask for the names of what is waiting, each once a run."""
        if not self.entity_streams:
            return
        found = [(owner, x.value_urn) for owner, _, rows in self._waiting for x in _targets(rows)]
        accounts = {owner for owner, value in found if urn.kind(value) == _SEGMENT}
        self.directory.names.look_up(self.entity_streams, accounts, self.name)
        asked = (v for _, v in found if urn.kind(v) not in {_SEGMENT, *_SAYS_ITSELF})
        self.directory.value_names.look_up(asked, self.name, "names of targeted values")

    @override
    def records_of(
        self,
        owner: int,
        source: tuple[Wire, list[Target | Odd]],
        unreadable: list[UnreadableValue],
    ) -> Iterator[Record]:
        campaign, found = source
        properties = self.effective_schema["properties"]
        shared = entity.entity(
            {
                "account": urn.make("sponsoredAccount", owner),
                "campaign": urn.make("sponsoredCampaign", str(campaign.get("id"))),
                "changeAuditStamps": campaign.get("changeAuditStamps"),
            },
            properties,
            unreadable,
        )
        key = {"campaign_id": shared["campaign_id"]}
        for odd in found:
            if isinstance(odd, Odd):
                self.set_aside(owner, f"LinkedIn sent {values.shown(odd.value)!r}", key)
        for target in _targets(found):
            own = {
                **target._asdict(),
                "facet_name": urn.last_part(target.facet_urn),
                "value_name": self._name_of(owner, target.value_urn),
            }
            yield {column: own.get(column, value) for column, value in shared.items()}

    def _name_of(self, account: int, value: str) -> str | None:
        kind = urn.kind(value)
        if kind in _SAYS_ITSELF:
            return urn.last_part(value) if kind else value
        if kind == _SEGMENT:
            names = self.directory.names
            return names.get(AdSegments.name, account, urn.number(value)).name
        return self.directory.value_names.get(value)


def _targets(found: list[Target | Odd]) -> Iterator[Target]:
    return (target for target in found if isinstance(target, Target))
