"""Sends a form to LinkedIn's OAuth endpoints."""

from __future__ import annotations

import typing as t

import requests

if t.TYPE_CHECKING:
    from collections.abc import Mapping


def post(url: str, form: Mapping[str, str], timeout: float) -> requests.Response:
    """Post a form, with nothing added and to nobody else.

    Redirects are not followed, and ``~/.netrc`` is not read: the form holds all credentials, and a
    password that somebody keeps for that host is none of LinkedIn's business.

    Args:
        url: The endpoint.
        form: What to send; it may hold secrets.
        timeout: Seconds to wait for an answer.

    Raises:
        requests.RequestException: There was no complete answer.
    """
    return requests.post(
        url, data=form, timeout=timeout, allow_redirects=False, auth=with_nothing_added
    )


def with_nothing_added(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request as it is: with this, requests looks for no password of its own."""
    return request
