"""`make hub OWNER=...` writes the definitions in MeltanoHub's form, ready to be submitted there.

The Hub wants a file for each variant: flat, and with the repository's owner as its variant.
"""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent
REPOSITORY = "tap-linkedin-ads"
PLACES = {"tap-linkedin-ads": "extractors", "target-postgres-exact": "loaders"}


def submission(definition: dict[str, t.Any], owner: str) -> dict[str, t.Any]:
    """Return a definition in the Hub's form.

    Args:
        definition: What `meltano add --from-ref` takes.
        owner: The owner of the repository on GitHub.
    """
    (variant,) = definition.get("variants", [{}])
    common = {key: value for key, value in definition.items() if key != "variants"}
    repo = f"https://github.com/{owner}/{REPOSITORY}"
    return dict(sorted({**common, **variant, "variant": owner, "repo": repo}.items()))


def main(owner: str, folder: Path) -> None:
    """Write the files below a folder as they lie in the Hub's repository."""
    for name, kind in PLACES.items():
        definition = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
        path = folder / "_data" / "meltano" / kind / name / f"{owner}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(submission(definition, owner), sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
