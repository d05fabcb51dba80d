"""``check --contract``: what the tap assumes of LinkedIn, held against the live API."""

from __future__ import annotations

import json
import typing as t

import click

from tap_linkedin_ads.api.advice import explain
from tap_linkedin_ads.api.errors import RequestFailedError
from tap_linkedin_ads.cli.contract import questions
from tap_linkedin_ads.cli.contract.ask import Asker
from tap_linkedin_ads.cli.contract.scrub import Scrubber
from tap_linkedin_ads.cli.contract.table import QUESTIONS
from tap_linkedin_ads.cli.options import say, wrong
from tap_linkedin_ads.sync.run_report import COMPLETE, PARTIAL

if t.TYPE_CHECKING:
    from pathlib import Path

    from tap_linkedin_ads.sync.run import Run


def hold(run: Run, folder: Path | None) -> int:
    """Ask all questions, show what came of them, and save the answers where that is wanted.

    Args:
        run: The run whose client asks.
        folder: A new folder for requests and answers, scrubbed; None saves nothing.

    Returns:
        The exit status.
    """
    if folder is not None:
        if folder.exists():
            wrong(f"{folder} exists; name a new folder with --save")
        folder.mkdir(parents=True, mode=0o700)
    known = questions.Known(run.today, run.settings.api_version)
    results = []
    try:
        for asked in questions.ask_all(QUESTIONS, known, Asker(run)):
            results.append(asked)
            say(f"{len(results)} of {len(QUESTIONS)}: {asked.question.key}")
    except RequestFailedError as error:
        say(explain(error.failure, error.resource))
        return PARTIAL
    click.echo(questions.render(results), nl=False)
    if folder is not None:
        _save(results, folder)
        say(f"Saved in {folder}, without names, ids and figures; look at it before you share it.")
    differs = any(asked.finding.ruling is questions.Ruling.DIFFERS for asked in results)
    return PARTIAL if differs else COMPLETE


def _save(results: list[questions.Asked], folder: Path) -> None:
    scrubber = Scrubber()
    for number, asked in enumerate(results, start=1):
        recording = questions.recording(asked)
        if recording is None:
            continue
        body = scrubber.value(recording["body"])
        sent = recording["request"]
        scrubbed = {
            **recording,
            "request": {
                **sent,
                "path": scrubber.address(sent["path"]),
                "query": scrubber.address(sent["query"]),
            },
            "body": body,
        }
        path = folder / f"{number:02d}-{asked.question.key}.json"
        path.write_text(json.dumps(scrubbed, indent=1) + "\n", encoding="utf-8")
