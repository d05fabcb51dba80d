"""The parameters of one report request.

LinkedIn's rules: LI-42, LI-51.
"""

from __future__ import annotations

import typing as t

from tap_linkedin_ads.api import restli, urn
from tap_linkedin_ads.reporting.metrics import KEY_FIELDS

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_linkedin_ads.reporting.chunks import Chunk
    from tap_linkedin_ads.reporting.reports import Report

CAMPAIGN = "CAMPAIGN"


def pivots_of(report: Report, chunk: Chunk) -> tuple[str, ...]:
    """Return what the rows of a chunk are grouped by: a list of campaigns by those only."""
    return (CAMPAIGN,) if chunk.lists_campaigns else report.asked_pivots


def parameters(report: Report, chunk: Chunk, metrics: Sequence[str]) -> dict[str, restli.Value]:
    """Return the query of one chunk for metrics by LinkedIn's names.

    A demographic pivot goes through the analytics finder, which takes one pivot; everything else
    through statistics. Campaigns belong to one ad account, so they stand alone as a facet; the
    user's own facets go along with either.
    """
    pivots = pivots_of(report, chunk)
    finder: dict[str, restli.Value] = {"q": report.finder, "pivots": pivots}
    if report.is_demographic:
        finder = {"q": report.finder, "pivot": pivots[0]}
    facets: dict[str, restli.Value] = dict(report.facets)
    if chunk.campaigns:
        facets["campaigns"] = [urn.make("sponsoredCampaign", c) for c in chunk.campaigns]
    else:
        facets["accounts"] = [urn.make("sponsoredAccount", a) for a in chunk.accounts]
    return {
        **finder,
        "timeGranularity": report.granularity,
        "dateRange": {"start": chunk.window.start, "end": chunk.window.end},
        **facets,
        "fields": restli.Projection((*KEY_FIELDS, *metrics)),
    }
