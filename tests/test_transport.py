"""What it means that nothing came back. What is sent is in test_client.py and test_secrets.py."""

from __future__ import annotations

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, SSLError

from tap_linkedin_ads.api import transport
from tap_linkedin_ads.api.errors import Failure, Remedy

UNTRUSTED = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (requests.ConnectionError("hush"), "ConnectionError"),
        (requests.ConnectionError(UNTRUSTED), "ConnectionError"),
        (requests.Timeout(), "Timeout"),
        (ChunkedEncodingError("hush"), "ChunkedEncodingError"),
        (SSLError("[SSL: WRONG_VERSION_NUMBER] hush"), "SSLError"),
    ],
    ids=str,
)
def test_what_is_no_complete_answer_may_come_the_next_time(
    error: requests.RequestException, name: str
) -> None:
    """Its kind is told; its text, which may hold an address, is not."""
    failure = transport.failure_of(error)
    assert failure == Failure(Remedy.BACK_OFF, 0, f"no complete answer ({name})")
    assert failure.is_silence


def test_an_end_that_nobody_vouches_for_is_final() -> None:
    """With the variables that help behind a proxy."""
    assert transport.failure_of(SSLError(UNTRUSTED)) == Failure(
        Remedy.STOP,
        0,
        "the certificate of the other end is not trusted; behind a proxy with certificates of its "
        "own, name them with REQUESTS_CA_BUNDLE or SSL_CERT_FILE",
    )
