"""How a report is asked for, after what LinkedIn has refused in this run. Pure."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field

from tap_linkedin_ads.reporting.metrics import METRICS_PER_GROUP, field_groups
from tap_linkedin_ads.reporting.parameters import CAMPAIGN

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_linkedin_ads.reporting.metrics import FieldGroup, Metric
    from tap_linkedin_ads.reporting.reports import Report


@dataclass(slots=True)
class Refusals:
    """What LinkedIn has refused in reports of this run.

    Attributes:
        most_metrics: Metrics that one request may name.
        account_stands_alone: ACCOUNT is refused beside other pivots.
        in_vain: Searches by finder that found no cause since LinkedIn last answered the finder.
            Many of them tell of a refusal of the whole finder, not of one report's.
    """

    most_metrics: int = METRICS_PER_GROUP
    account_stands_alone: bool = False
    in_vain: Counter[str] = field(default_factory=Counter)
    _names: dict[tuple[str, frozenset[str]], set[str]] = field(default_factory=dict)

    def answered(self, finder: str) -> None:
        """Forget searches in vain: LinkedIn answers the finder."""
        del self.in_vain[finder]

    def names(self, finder: str, pivots: Iterable[str]) -> frozenset[str]:
        """Return the metrics that a finder refuses beside these pivots, by LinkedIn's names."""
        return frozenset(self._names.get((finder, frozenset(pivots)), ()))

    @property
    def everywhere(self) -> frozenset[str]:
        """Return the metrics that are refused by any finder beside any pivots."""
        return frozenset().union(*self._names.values())

    def add_names(self, finder: str, pivots: Iterable[str], names: Iterable[str]) -> None:
        """Remember metrics that a finder refuses beside these pivots."""
        self._names.setdefault((finder, frozenset(pivots)), set()).update(names)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a report is asked for.

    Attributes:
        report: The report, with what its requests are grouped by.
        groups: The field groups, densest first.
        refused: Metrics that are not asked for; their columns are null.
    """

    report: Report
    groups: tuple[FieldGroup, ...]
    refused: tuple[Metric, ...]

    @property
    def often(self) -> frozenset[int]:
        """Return the numbers of the field groups that many ads have a part in."""
        return frozenset(number for number, group in enumerate(self.groups) if group.often)

    @classmethod
    def after(
        cls,
        refusals: Refusals,
        report: Report,
        metrics: Sequence[Metric],
        api_version: str,
        *,
        names_campaigns: bool,
    ) -> Layout:
        """Lay out a report so that nothing is asked that LinkedIn is known to refuse.

        Args:
            refusals: What LinkedIn has refused.
            report: The report.
            metrics: The selected metrics.
            api_version: YYYYMM.
            names_campaigns: Campaigns are asked for by the same metrics, so that both requests
                must be accepted.
        """
        if refusals.account_stands_alone:
            report = report.with_account_apart()
        refused = refusals.names(report.finder, report.asked_pivots)
        if names_campaigns:
            refused |= refusals.names(report.finder, (CAMPAIGN,))
        asked = [
            metric
            for metric in metrics
            if metric.name not in refused and metric.exists_for(report.asked_pivots, api_version)
        ]
        return cls(
            report,
            field_groups(asked, size=refusals.most_metrics),
            tuple(metric for metric in metrics if metric not in asked),
        )
