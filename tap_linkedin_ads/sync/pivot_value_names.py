"""Names of the values of pivots and audiences: industries, places, job titles, companies.

Asked for in batches, each value once a run. Sources: LinkedIn, "URN resolution", "Organization
lookup".

LinkedIn's rules: LI-58, LI-59.
"""

from __future__ import annotations

import functools
import typing as t

import msgspec

from tap_linkedin_ads.api import responses, urn
from tap_linkedin_ads.api.errors import Remedy, RequestFailedError
from tap_linkedin_ads.api.lists import ListParameter, in_parts
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.records.values import TEXT, fitting_or_none, shown
from tap_linkedin_ads.sync.run_report import Severity

if t.TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from tap_linkedin_ads.sync.run import Run

_BATCH = 50
_ENTITIES = ListParameter("adTargetingEntities", "urns")
COMPANIES = ListParameter("organizationsLookup", "ids")
_ORGANIZATION = "urn:li:organization:"
_LOCALE = {"language": "en", "country": "US"}


class ValueNames:
    """Names by URN, in English."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._names: dict[str, str | None] = {}
        self._companies_by_lookup = True
        self._warned: set[str] = set()
        self._odd: list[str] = []

    def get(self, value: str) -> str | None:
        """Return a value's name, or None where LinkedIn gives none."""
        return self._names.get(value)

    def look_up(self, values: Iterable[str], by: str, what: str = "names of pivot values") -> None:
        """Ask for the names of URNs that were not asked for yet.

        Args:
            values: URNs: pivot values, or what an audience is made of.
            by: The stream that wants the names.
            what: What the stream calls them where they are missing.
        """
        unknown = sorted({value for value in values if value not in self._names})
        self._names.update(dict.fromkeys(unknown))
        companies = [value for value in unknown if value.startswith(_ORGANIZATION)]
        others = [value for value in unknown if not value.startswith(_ORGANIZATION)]
        if self._companies_by_lookup:
            self._ask(companies, by, what, self._organizations)
            companies = [value for value in companies if self._names[value] is None]
        self._ask([*others, *companies], by, what, self._entities)

    def _ask(
        self,
        values: list[str],
        by: str,
        what: str,
        look_up: Callable[[list[str], str], Mapping[str, str]],
    ) -> None:
        batches = [values[start : start + _BATCH] for start in range(0, len(values), _BATCH)]
        asked = [
            self._run.workers.submit(functools.partial(look_up, batch, by)) for batch in batches
        ]
        error = None
        for answer in asked:
            try:
                self._names.update(answer.result())
            except RequestFailedError as failed:
                if failed.failure.remedy is Remedy.STOP:
                    raise
                if failed.resource == "organizationsLookup":
                    self._companies_by_lookup = False  # not every app may use it
                else:
                    error = failed
        if self._odd:
            why = f"{what} are missing: LinkedIn named {self._odd[0]}"
            self._odd.clear()
            self._run.log.warning("%s: %s", by, why)
            self._run.report.note(by, None, why, Severity.WARNING)
        if error and by not in self._warned:
            self._warned.add(by)
            self._run.note_missing_names(by, None, what, error)

    def _entities(self, batch: list[str], by: str) -> dict[str, str]:
        """Resolve URNs of any kind; those that LinkedIn cannot resolve are left out."""
        client = self._run.client

        def ask(urns: Sequence[str]) -> responses.FinderAnswer:
            request = Request(
                _ENTITIES.resource,
                "/adTargetingEntities",
                {
                    "q": "urns",
                    "urns": urns,
                    "queryVersion": "QUERY_USES_URNS",
                    "locale": _LOCALE,
                },
                stream=by,
            )
            return client.fetch(request, responses.finder)

        found: dict[str, str] = {}
        for _, answer in in_parts(client, _ENTITIES, batch, ask):
            found.update(self._named(answer.elements, "urn", "name", batch))
        return found

    def _organizations(self, batch: list[str], by: str) -> dict[str, str]:
        """Resolve companies by their numbers."""
        ids = [number for value in batch if (number := urn.number(value)) is not None]
        client = self._run.client

        def ask(some: Sequence[int]) -> responses.BatchAnswer:
            path = "/organizationsLookup"
            request = Request(COMPANIES.resource, path, {"ids": some}, "BATCH_GET", by)
            return client.fetch(request, responses.batch)

        named: dict[str, str] = {}
        for _, answer in in_parts(client, COMPANIES, ids, ask):
            wanted = list(map(str, ids))
            named.update(self._named(answer.results.values(), "id", "localizedName", wanted))
        return {f"{_ORGANIZATION}{key}": name for key, name in named.items()}

    def _named(
        self, rows: Iterable[msgspec.Raw], key: str, name: str, wanted: Collection[str]
    ) -> dict[str, str]:
        """Return the names in an answer; what names nothing costs the names of its values."""
        found: dict[str, str] = {}
        strange, missing = list[str](), set(wanted)
        for raw in rows:
            try:
                row = responses.row(raw)
            except (msgspec.DecodeError, RecursionError):
                row = {}
            named, text = row.get(key), fitting_or_none(row.get(name), TEXT)
            if not isinstance(named, str | int):
                self._odd.append(shown(named))
                continue
            if str(named) not in wanted:
                strange.append(shown(named))
            elif text is not None:
                found[str(named)] = text
            missing.discard(str(named))
        if missing:  # what is named besides does no harm
            self._odd += strange
        return found
