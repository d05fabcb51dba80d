"""Settings as they are given: environment variables, and the SDK's own settings.

The tap's own settings are read by ``configuration``; the SDK's are held to their JSON schemas here.
"""

from __future__ import annotations

import difflib
import json
import os
import typing as t
from pathlib import Path

from dotenv import find_dotenv, load_dotenv
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.plugin_base import JSONSchemaValidator

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Schemas = dict[str, t.Any]
_NO_SETTINGS = frozenset({"LOGLEVEL"})
"""What the SDK reads from variables with the tap's prefix, beside settings."""
_NESTED = ("_", "OAUTH_CREDENTIALS_")
"""Beginnings of names under which Meltano hands on its own extras, and parts of an object."""


def from_environment(prefix: str, own: Iterable[str], built_in: Schemas) -> dict[str, t.Any]:
    """Read environment variables as they are: ``configuration`` reads texts of every kind.

    The SDK's own reading would end the tap where a list of ids is no integer, and would look for
    ``.env`` beside itself rather than where the tap is run.

    Args:
        prefix: What the variables' names begin with.
        own: Names of the tap's settings.
        built_in: The SDK's settings, each with its JSON schema.

    Returns:
        The settings that are set. One that cannot be read is given as its text: what it should
        have been is told with all other wrong settings.
    """
    load_dotenv(find_dotenv(usecwd=True))
    found: dict[str, t.Any] = {}
    for name in dict.fromkeys([*built_in, *own]):
        text = os.environ.get(f"{prefix}{name.upper()}")
        if text is None:
            continue
        found[name] = text
        try:
            if name in built_in:
                found |= parse_environment_config({"properties": {name: built_in[name]}}, prefix)
            elif name == "oauth_credentials":
                found[name] = json.loads(text)
        except ValueError:
            pass
    return found


def misspelt(prefix: str, known: Iterable[str]) -> list[str]:
    """Return a line for each environment variable that looks like a setting and is none.

    Args:
        prefix: What the variables' names begin with.
        known: Every setting's name, the SDK's own included.
    """
    load_dotenv(find_dotenv(usecwd=True))
    settings = {f"{prefix}{name.upper()}" for name in known}
    lines = []
    for name in sorted(os.environ):
        rest = name.removeprefix(prefix)
        if rest in {name, "", *_NO_SETTINGS} or name in settings or rest.startswith(_NESTED):
            continue
        near = difflib.get_close_matches(name, settings, n=1)
        hint = f"did you mean {near[0]}?" if near else "docs/settings.md lists all settings"
        lines.append(f"{name} is set in the environment, but there is no such setting; {hint}")
    return lines


def wrong(config: Mapping[str, t.Any], built_in: Schemas) -> list[str]:
    """Return a line for each of the SDK's own settings that does not fit its schema."""
    given = {n: v for n, v in config.items() if n in built_in and v is not None}
    errors = []
    for error in JSONSchemaValidator({"properties": built_in}).iter_errors(given):
        name, *inside = map(str, error.absolute_path)
        where = f"{name}: {'.'.join(inside)}: " if inside else f"{name}: "
        expected = " ".join(str(built_in[name].get("description", "")).split())
        errors.append(f"{where}{error.message[:200]}; expected: {expected}")
    return errors


def missing_certificates(names: Iterable[str]) -> list[str]:
    """Return a line for each variable that names certificates to trust which are not there.

    Args:
        names: The variables; one that is empty is as if not set.
    """
    return [
        f"{name} in the environment is {path}, and there is no such file or folder"
        for name in names
        if (path := os.environ.get(name)) and not Path(path).exists()
    ]
