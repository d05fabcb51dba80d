"""Shares ad accounts out between Meltano plugins. Pure; knows neither Airflow nor LinkedIn.

An ad account has its bookmarks in the state of the shard that read it. In the state of another
shard it would be new, hence read from ``start_date`` again, so it stays where its bookmarks are.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Bookmarked = dict[int, str]
"""Ad accounts that a state knows, with the last day that one of their bookmarks has reached."""

_DAY = len("2026-01-31")


@dataclass(frozen=True)
class Accounts:
    """What ``tap-linkedin-ads accounts`` prints.

    Attributes:
        ids: Ad accounts to read.
        excluded: Ad accounts that the settings leave out.
        metric_values_limit: What the runs of one LinkedIn application share, in five minutes.
    """

    ids: tuple[int, ...]
    excluded: tuple[int, ...]
    metric_values_limit: int

    @classmethod
    def parse(cls, text: str) -> Accounts:
        """Read the JSON."""
        found = json.loads(text)
        return cls(
            tuple(found["account_ids"]),
            tuple(found["exclude_account_ids"]),
            found["metric_values_limit"],
        )


def bookmarked(state: Mapping[str, t.Any]) -> Bookmarked:
    """Return the ad accounts that have a bookmark in what Meltano keeps under one state id.

    Args:
        state: An entry of ``meltano state export``: what the last complete run left, and what
            runs that were stopped have added since.
    """
    found: Bookmarked = {}
    for part in state.values():
        streams = (part or {}).get("singer_state", {}).get("bookmarks", {}).values()
        for entry in (entry for stream in streams for entry in stream.get("partitions", ())):
            account = entry.get("context", {}).get("account_id")
            value = entry.get("replication_key_value")
            if account is not None and value is not None:
                found[account] = max(found.get(account, ""), str(value)[:_DAY])
    return found


def share_out(accounts: Iterable[int], shards: Sequence[Bookmarked]) -> list[list[int]]:
    """Give each ad account to one shard.

    It goes where its bookmarks are; to the shard that got furthest where several have some; and
    to the shard with the fewest ad accounts where that leaves a choice. So the same accounts and
    bookmarks always give the same shards, accounts that nobody has read yet even out the sizes,
    and an account that comes or goes moves no other that has bookmarks.

    Args:
        accounts: The ad accounts.
        shards: What the state of each shard knows; as many as there are shards.

    Returns:
        The ad accounts of each shard in ascending order; some shards may have none.
    """
    shares: list[list[int]] = [[] for _ in shards]
    choices = {account: _candidates(account, shards) for account in sorted(set(accounts))}
    # Those with the least choice first, so that the others can even out what they leave.
    for account in sorted(choices, key=lambda account: (len(choices[account]), account)):
        chosen = min(choices[account], key=lambda shard: (len(shares[shard]), shard))
        shares[chosen].append(account)
    return [sorted(share) for share in shares]


def _candidates(account: int, shards: Sequence[Bookmarked]) -> list[int]:
    furthest = max(known.get(account, "") for known in shards)
    return [n for n, known in enumerate(shards) if known.get(account, "") == furthest]


def shard_environments(
    accounts: Accounts, shares: Mapping[str, Sequence[int]]
) -> list[dict[str, str]]:
    """Return the environment of each run that has ad accounts to read.

    A shard without any gets no run: an empty list of ad accounts means all of them.

    Args:
        accounts: What there is to read.
        shares: The ad accounts of each shard's plugin.

    Returns:
        Environment variables by which Meltano sets the plugin, and ``PLUGIN``, its name.
    """
    shares = {plugin: share for plugin, share in shares.items() if share}
    return [
        {
            "PLUGIN": plugin,
            setting(plugin, "account_ids"): _array(share),
            # The alias too: one that the other plugin sets would contradict.
            setting(plugin, "accounts"): _array(share),
            setting(plugin, "metric_values_limit"): str(
                max(1, accounts.metric_values_limit // len(shares))
            ),
        }
        for plugin, share in shares.items()
    ]


def pages_environment(plugin: str, accounts: Accounts) -> dict[str, str]:
    """Return the environment of a run that reads company pages: none of the ad accounts."""
    everything = sorted({*accounts.ids, *accounts.excluded})
    return {"PLUGIN": plugin, setting(plugin, "exclude_account_ids"): _array(everything)}


def setting(plugin: str, name: str) -> str:
    """Return the environment variable by which Meltano sets a plugin."""
    return f"{plugin}_{name}".replace("-", "_").upper()


def _array(ids: Iterable[int]) -> str:
    return json.dumps(list(ids), separators=(",", ":"))
