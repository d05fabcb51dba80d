"""Settings as lines of a ``.env`` file, and a file that only its owner can read."""

from __future__ import annotations

import os
import re
import tempfile
import typing as t
from pathlib import Path

from tap_linkedin_ads.api.errors import TapError

if t.TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "TAP_LINKEDIN_ADS_"
_PLAIN = re.compile(r"[\w.~+/=:@%-]+")
_OWNER_ONLY = 0o600
_EXISTS = "{} exists and is not overwritten; name another file, or replace it with --force"
_NO_FOLDER = "{} cannot be written: {} is no folder that you may write to; name another file"


class FileExistsAlreadyError(TapError):
    """The file is there, and nobody said that it may be replaced."""


class NoFolderError(TapError):
    """The file has no folder, or one that is closed to this user."""


def lines(settings: Mapping[str, str]) -> str:
    """Return one ``TAP_LINKEDIN_ADS_<NAME>=<value>`` line a setting, as Meltano reads it."""
    return "".join(
        f"{PREFIX}{name.upper()}={value if _PLAIN.fullmatch(value) else _quoted(value)}\n"
        for name, value in settings.items()
    )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def refuse_unfit(path: Path, *, force: bool) -> None:
    """Refuse a file that could not be written, before anybody gives consent for nothing.

    Raises:
        FileExistsAlreadyError: The file is there and ``force`` is not set.
        NoFolderError: Its folder is missing or closed.
    """
    if not force and (path.is_symlink() or path.exists()):
        raise FileExistsAlreadyError(_EXISTS.format(path))
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)):
        raise NoFolderError(_NO_FOLDER.format(path, path.parent))


def write(path: Path, text: str, *, force: bool) -> None:
    """Write a file with mode 0600.

    Args:
        path: The file.
        text: What it shall hold.
        force: Replace a file that is there, whole or not at all.

    Raises:
        FileExistsAlreadyError: The file is there and ``force`` is not set.
    """
    if force:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            _fill(handle, text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        raise FileExistsAlreadyError(_EXISTS.format(path)) from None
    _fill(handle, text)


def _fill(handle: int, text: str) -> None:
    """Write a text and close; the mode was set before the first byte came."""
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
