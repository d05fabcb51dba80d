"""The parameter forms of Rest.li protocol 1.0: ``dateRange.start.year=2026``, ``accounts[0]=urn``.

LinkedIn reads these forms where X-Restli-Protocol-Version 2.0.0 is absent. The sandbox does so
with the switch ``protocol_1`` only, for clients that were written before protocol 2.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from sandbox.api import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.api.restli import Node

_NAME = re.compile(r"[A-Za-z0-9_$-]+(?:\.[A-Za-z0-9_$-]+|\[[0-9]+\])*")
_STEP = re.compile(r"([A-Za-z0-9_$-]+)|\[([0-9]+)\]")

Tree = dict["str | int", "Tree | str"]


def nodes(raw: Mapping[str, str]) -> dict[str, Node]:
    """Read dotted and bracketed parameters.

    Args:
        raw: Raw values by raw name, as they stood in the query.

    Returns:
        The same parameters as protocol 2.0 would have given them: strings, lists and dicts.

    Raises:
        rules.Refusal: A name is malformed, a value is no UTF-8, an item is missing from a list,
            or a name is both a value and a structure.
    """
    tree: Tree = {}
    for name, text in raw.items():
        if _NAME.fullmatch(name) is None:
            raise rules.not_allowed(name)
        _put(tree, name, _decoded(name, text))
    return {str(name): _node(str(name), below) for name, below in tree.items()}


def _decoded(name: str, text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise rules.invalid(name) from error


def _put(tree: Tree, name: str, value: str) -> None:
    steps = [word or int(index) for word, index in _STEP.findall(name)]
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if isinstance(below, str):
            raise rules.invalid(name)
        tree = below
    if steps[-1] in tree:
        raise rules.invalid(name)
    tree[steps[-1]] = value


def _node(name: str, tree: Tree | str) -> Node:
    if isinstance(tree, str):
        return tree
    if all(isinstance(step, int) for step in tree):
        if sorted(tree, key=int) != list(range(len(tree))):
            raise rules.invalid(name)
        return [_node(name, tree[index]) for index in range(len(tree))]
    if any(isinstance(step, int) for step in tree):
        raise rules.invalid(name)
    return {str(step): _node(name, below) for step, below in tree.items()}
