"""URNs: what stands behind the last colon, and whether it is a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.api import urn


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("urn:li:sponsoredAccount:512345678", 512345678),
        ("urn:lla:llaPartnerConversion:104004", 104004),
        ("urn:li:share:7301122334000000001", 7301122334000000001),
        ("512345678", 512345678),
        ("urn:li:x:9223372036854775807", 2**63 - 1),
        ("urn:li:x:9223372036854775808", None),
        ("urn:li:x:99999999999999999999", None),
        ("urn:li:person:qZ7xK2mPlB", None),
        ("urn:li:person:", None),
        ("urn:li:x:-1", None),
        ("urn:li:x:1.5", None),
        ("urn:li:x: 1", None),
        ("urn:li:x:\u0661", None),
        ("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1234,1)", None),
        ("SIZE_11_TO_50", None),
        ("", None),
    ],
)
def test_number_is_given_only_where_the_last_part_is_one(text: str, number: int | None) -> None:
    """A 64-bit number in ASCII digits is an id; anything else is not."""
    assert urn.number(text) == number


@given(st.from_regex(r"[a-zA-Z]{1,20}", fullmatch=True), st.integers(0, 2**63 - 1))
def test_made_urns_read_back(kind: str, number: int) -> None:
    """What make puts together, number and last_part take apart."""
    text = urn.make(kind, number)
    assert text == f"urn:li:{kind}:{number}"
    assert urn.number(text) == number
    assert urn.last_part(text) == str(number)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("urn:li:share:7", "share"),
        ("urn:li:leadGenForm:(urn:li:x:1,2)", "leadGenForm"),
        ("urn:li:share", ""),
        ("urx:li:share:7", ""),
        ("share", ""),
        ("", ""),
    ],
)
def test_a_urn_says_of_what_kind_it_is(text: str, kind: str) -> None:
    """Text that is no URN is of none."""
    assert urn.kind(text) == kind
