"""docs/loaders.md from docs/loaders.json; ``make loaders`` tries all and writes both."""

from __future__ import annotations

import json
import tempfile
from decimal import Decimal
from pathlib import Path

from demo.postgres import throw_away_postgres
from tests import loader_trials, singer

PAGE, RESULTS = singer.ROOT / "docs" / "loaders.md", singer.ROOT / "docs" / "loaders.json"
BEGIN, END = "<!-- made by make loaders -->", "<!-- end -->"


def results() -> singer.Json:
    """Return what the last `make loaders` has found."""
    found: singer.Json = json.loads(RESULTS.read_text())
    return found


def _versions(found: singer.Json) -> str:
    return ", ".join(f"{name} {version}" for name, version in found["versions"].items())


def _rows_of(numbers: list[int], count: int) -> str:
    return f"all {count}" if not numbers else f"**{count - len(numbers)} of {count}**"


def _second(found: singer.Json) -> str:
    after = found["after_second"]
    if after["rows"] > after["expected"]:
        return "appended: keys come twice"
    if found["missing"]:
        return f"**{after['rows']} of {after['expected']}**"
    if after["missing"]:
        return "the file is written anew: earlier rows are gone"
    return "replaced by key"


def _digits(found: singer.Json) -> str:
    changed = found["digits_changed"]
    kept = "every digit" if not changed else "; ".join(f"{a} is {b}" for a, b in changed.items())
    return f"{_type(found, 'cost')}{kept}"


def _type(found: singer.Json, column: str) -> str:
    kind = found["types"].get(column)
    return f"`{kind}`: " if kind else ""


def _object(found: singer.Json) -> str:
    text = found["values"]["object"]
    try:
        whole = json.loads(text, parse_float=Decimal)
    except ValueError:
        return f"no JSON: `{text}`"
    kept = json.loads(json.dumps(loader_trials.OBJECT), parse_float=Decimal)
    whole["amount"] = Decimal(whole["amount"])
    said = "whole" if whole == kept else f"`{text}`"
    null = "; null is JSON's `null`" if found["nulls"].get("object") == "null" else ""
    return f"{_type(found, 'object')}{said}{null}"


def _text(found: singer.Json) -> str:
    return "whole" if found["text_whole"] else "a line break becomes `\\n`, two characters"


def _whole(text: str, sent: int) -> str:
    return "whole" if text == str(sent) else text


def _heading(*columns: str) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]


def tables(found: singer.Json) -> str:
    """Return the tables of the page."""
    of_loads = ("First load", "Second load", "Amounts", "Instants", "Days", "Integers")
    lines = [
        f"Python {found['python']}, batches of {loader_trials.BATCH_ROWS} rows, `PGTZ=UTC`.",
        "",
        *_heading("Loader", *of_loads, "Objects", "Text"),
    ]
    for name, one in found["loaded"].items():
        values = one["values"]
        cells = (
            f"{name} ({_versions(one)})",
            _rows_of(one["missing"], one["sent"]),
            _second(one),
            _digits(one),
            f"{_type(one, 'instant')}{values['instant']}",
            f"{_type(one, 'day')}{values['day']}",
            f"{_type(one, 'big')}{_whole(values['big'], loader_trials.BIG)}",
            _object(one),
            _text(one),
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "What would be made, by the loader's own translation:", ""]
    of_types = ("Amounts", "Instants", "Days", "Integers", "Objects", "Lists")
    lines += _heading("Loader", *of_types)
    for name, one in found["translated"].items():
        kinds = [one["types"][c] for c in ("cost", "instant", "day", "big", "object", "words")]
        lines.append(f"| {name} ({_versions(one)}) | {' | '.join(f'`{kind}`' for kind in kinds)} |")
    lines += ["", "What cannot be installed on this Python:", ""]
    for package, reason in found["not_installed"].items():
        lines.append(f"- `{package}`: {reason}")
    return "\n".join(lines)


def main() -> None:
    """Install and try every loader, and write what has come of it."""
    with throw_away_postgres() as server, tempfile.TemporaryDirectory() as folder:
        found = loader_trials.everything(Path(folder), server)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(found)}\n\n{END}{after}")


if __name__ == "__main__":
    main()
