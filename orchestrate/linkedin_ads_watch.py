"""Finds a run's summary in its log, and says what somebody should hear of it.

    python linkedin_ads_watch.py LOG

prints what is wrong with the run that wrote the log, and nothing where all is well, so that cron
sends a mail only when there is something to read. The log may be the tap's or Meltano's. The exit
status is 1 where something is printed. Needs nothing but Python.

docs/summary.md says what the fields of a summary mean.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import typing as t
import urllib.request
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Iterable

Summary = dict[str, t.Any]

_BEGINS = '{"exit_status"'
_MOST_REASONS = 5
_SECONDS = 30.0


def summary_in(lines: Iterable[str]) -> Summary | None:
    """Return the last summary in a log; Meltano writes the time and the plugin before it."""
    found = None
    for line in lines:
        at = line.find(_BEGINS)
        if at < 0:
            continue
        try:
            found, _ = json.JSONDecoder().raw_decode(line, at)
        except ValueError:  # cut off
            continue
    return found


def failure(name: str, summary: Summary | None) -> str:
    """Say why a run failed, empty where the tap has nothing to say against it.

    Args:
        name: The plugin, or what else the run is called.
        summary: Its summary, None where it wrote none.
    """
    if summary is None:
        return f"{name} ended without a summary: it was killed, or never started. See its log."
    if not summary["exit_status"]:
        return ""
    reasons = [i["reason"] for i in summary["incidents"] if i["level"] == "error"]
    told = [f"{name} ended with status {summary['exit_status']}.", *reasons[:_MOST_REASONS]]
    if len(reasons) > _MOST_REASONS:
        told.append(f"... and {len(reasons) - _MOST_REASONS} more.")
    return "\n".join(told)


def stopped(summary: Summary, *, quiet_days: int = 2, share: float = 0.5) -> list[tuple[int, str]]:
    """Return the ad accounts that had rows on most days and have none now.

    Each run reads the days of ``lookback_window`` again, so one summary knows them.

    Args:
        summary: A run's summary.
        quiet_days: Days without a row before the last one, which is not over as a rule.
        share: The part of the days before that which must have rows.

    Returns:
        Ad accounts, each with the last day that has a row.
    """
    found = []
    for account in summary["accounts"]:
        days = account["days"]
        if not days or not days["last_with_rows"]:
            continue
        first, last, newest = (
            dt.date.fromisoformat(days[name]) for name in ("first", "last", "last_with_rows")
        )
        is_quiet = newest < last - dt.timedelta(days=quiet_days)
        if is_quiet and days["with_rows"] >= share * ((newest - first).days + 1):
            found.append((account["account_id"], days["last_with_rows"]))
    return found


def silence(name: str, summary: Summary | None) -> str:
    """Say whose rows have stopped, empty where nobody's have."""
    gone = stopped(summary) if summary else []
    if not gone:
        return ""
    accounts = ", ".join(f"{account} (last rows: {day})" for account, day in gone)
    return f"{name}: ad accounts with rows on most days have none now: {accounts}"


def post(url: str, text: str) -> None:
    """Post a text to a webhook as Slack, Mattermost and Google Chat take it.

    Raises:
        OSError: It does not take it.
    """
    request = urllib.request.Request(  # noqa: S310  the user's own address
        url, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=_SECONDS).close()  # noqa: S310


def tell(text: str, url: str = "") -> None:
    """Print a text, and post it where a webhook is named; that must not fail a run."""
    if not text:
        return
    print(text)
    if url := url or os.environ.get("LINKEDIN_ADS_WEBHOOK", ""):
        try:
            post(url, text)
        except OSError as error:
            print(f"The webhook does not take it: {error}")


def kept(file: Path) -> Summary | None:
    """Return the summary that ``keep`` has left."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def keep(file: Path) -> None:
    """Pass stdin on to stdout, and leave the summary in a file.

    What ends the program before it ends this one as well, by and by: its last lines come through.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    file.unlink(missing_ok=True)
    for line in sys.stdin:
        print(line, end="", flush=True)
        if (summary := summary_in([line])) is not None:
            file.write_text(json.dumps(summary), encoding="utf-8")


def main() -> int:
    """Say what is wrong with the run that wrote a log."""
    log = Path(sys.argv[1])
    summary = summary_in(log.read_text(encoding="utf-8", errors="replace").splitlines())
    texts = [text for said in (failure, silence) if (text := said(log.stem, summary))]
    print("\n".join(texts), end="\n" if texts else "")
    return 1 if texts else 0


if __name__ == "__main__":
    if sys.argv[1] == "--keep":
        keep(Path(sys.argv[2]))
    else:
        sys.exit(main())
