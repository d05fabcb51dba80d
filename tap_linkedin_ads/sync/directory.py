"""What the streams of one run share; each part is made when it is first asked for."""

from __future__ import annotations

import collections
import functools
import typing as t

from tap_linkedin_ads.api.batch_get import Lookups
from tap_linkedin_ads.reporting.layout import Refusals
from tap_linkedin_ads.reporting.receipts import ReceiptBook
from tap_linkedin_ads.sync.ad_accounts import AdAccounts
from tap_linkedin_ads.sync.entity_names import EntityNames
from tap_linkedin_ads.sync.organizations import Organizations
from tap_linkedin_ads.sync.pivot_value_names import ValueNames
from tap_linkedin_ads.sync.post_lists import PostList

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tap_linkedin_ads.api.finders import AccountFinder
    from tap_linkedin_ads.api.responses import Wire
    from tap_linkedin_ads.sync.run import Run


class Directory:
    """Ad accounts, pages, names and receipts of one run."""

    def __init__(  # noqa: PLR0913  what the streams of a run need to know
        self,
        run: Run,
        *,
        finders: Mapping[str, AccountFinder],
        named_by: Iterable[Collection[str]],
        page_needs: Mapping[str, frozenset[str]],
        keeps_receipts: bool,
        keeps_post_lists: bool,
        is_one_by_one: bool = False,
    ) -> None:
        """Ask for nothing yet.

        Args:
            run: The present run.
            finders: What names are looked up with, one finder for each entity stream.
            named_by: For each selected stream, the entity streams whose names it shows.
            page_needs: For each selected stream that reads pages, the roles that let it.
            keeps_receipts: report_coverage is selected.
            keeps_post_lists: A stream of what members do with posts is selected.
            is_one_by_one: An earlier run, which this one goes on with, found no BATCH_GET.
        """
        self._run = run
        self._finders = finders
        self._named_by = named_by
        self._page_needs = page_needs
        self.keeps_receipts = keeps_receipts
        self.keeps_post_lists = keeps_post_lists
        self._is_one_by_one = is_one_by_one

    @functools.cached_property
    def ad_accounts(self) -> AdAccounts:
        return AdAccounts(self._run)

    @functools.cached_property
    def organizations(self) -> Organizations:
        return Organizations(self._run, self.lookups, self._page_needs)

    @functools.cached_property
    def lookups(self) -> Lookups:
        return Lookups(self._run.client, has_batches=False if self._is_one_by_one else None)

    @functools.cached_property
    def page_figures(self) -> dict[tuple[str, int], Wire]:
        """Return figures of pages in total that streams have read for others, by resource."""
        return {}

    @functools.cached_property
    def names(self) -> EntityNames:
        names = EntityNames(self._run, self._finders)
        for entity_streams in self._named_by:
            names.expect(entity_streams)
        return names

    @functools.cached_property
    def receipts(self) -> ReceiptBook:
        return ReceiptBook()

    @functools.cached_property
    def post_lists(self) -> dict[int, PostList]:
        """Return what was listed of pages' posts; an empty list where nothing was."""
        return collections.defaultdict(PostList)

    @functools.cached_property
    def refusals(self) -> Refusals:
        return Refusals()

    @functools.cached_property
    def value_names(self) -> ValueNames:
        return ValueNames(self._run)
