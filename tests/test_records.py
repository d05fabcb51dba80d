"""From LinkedIn's objects to records: names, references, money with every digit, instants."""

from __future__ import annotations

import json
import typing as t
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import METRICS
from tap_linkedin_ads.api import responses
from tap_linkedin_ads.records import entity
from tap_linkedin_ads.records.entity import UnreadableValueError
from tests.truth import snake

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=None)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("id", "id"),
        ("costInUsd", "cost_in_usd"),
        ("averageEventWatchTimeOver15Seconds", "average_event_watch_time_over_15_seconds"),
        ("costPerEventViewOver2Minutes", "cost_per_event_view_over_2_minutes"),
        ("MEMBER_COUNTRY_V2", "member_country_v2"),
        ("notifiedOnEndOfCampaign", "notified_on_end_of_campaign"),
        ("versionTag", "version_tag"),
        ("servingStatuses", "serving_statuses"),
    ],
)
def test_names_become_snake_case(name: str, column: str) -> None:
    """An underscore stands before a capital or digit behind a small letter, and behind digits."""
    assert entity.snake_case(name) == column


def test_metric_names_become_columns_by_the_same_rule() -> None:
    """Every metric of LinkedIn's table gets the column that the rule of the interface says."""
    for name in METRICS:
        assert entity.snake_case(name) == snake(name)


@pytest.mark.parametrize(
    ("wire", "columns"),
    [
        pytest.param(
            {"campaignGroup": "urn:li:sponsoredCampaignGroup:64"},
            {"campaign_group_urn": "urn:li:sponsoredCampaignGroup:64", "campaign_group_id": 64},
            id="reference",
        ),
        pytest.param(
            {"reference": "urn:li:person:qZ7x"},
            {"reference_urn": "urn:li:person:qZ7x", "reference_id": None},
            id="reference without a number",
        ),
        pytest.param(
            {"id": "urn:li:sponsoredCreative:71"},
            {"urn": "urn:li:sponsoredCreative:71", "id": 71},
            id="creative's own id",
        ),
        pytest.param({"id": 36}, {"id": 36}, id="own id"),
        pytest.param(
            {"dailyBudget": {"amount": "120.50", "currencyCode": "EUR"}},
            {"daily_budget_amount": "120.50", "daily_budget_currency_code": "EUR"},
            id="money",
        ),
        pytest.param(
            {"changeAuditStamps": {"created": {"time": 1}, "lastModified": {"time": 2}}},
            {
                "created_time": 1,
                "created_by_urn": None,
                "last_modified_time": 2,
                "last_modified_by_urn": None,
            },
            id="audit stamps of a search row",
        ),
        pytest.param(
            {"createdAt": 1, "lastModifiedAt": 2, "createdBy": "urn:li:person:x"},
            {
                "created_time": 1,
                "last_modified_time": 2,
                "created_by_urn": "urn:li:person:x",
                "created_by_id": None,
            },
            id="flat instants",
        ),
        pytest.param(
            {"created": 1, "lastModified": 2},
            {"created_time": 1, "last_modified_time": 2},
            id="flat instants of conversions",
        ),
        pytest.param(
            {"created": {"time": 1, "actor": "urn:li:person:x"}},
            {"created_time": 1, "created_by_urn": "urn:li:person:x"},
            id="stamp of its own",
        ),
        pytest.param({"version": {"versionTag": "3"}}, {"version_tag": "3"}, id="version"),
        pytest.param(
            {"locale": {"country": "US", "language": "en"}},
            {"locale_country": "US", "locale_language": "en"},
            id="locale",
        ),
        pytest.param(
            {"runSchedule": {"start": 1}}, {"run_schedule_start": 1}, id="open-ended schedule"
        ),
        pytest.param(
            {"review": {"status": "REJECTED", "rejectionReasons": ["X"]}},
            {"review_status": "REJECTED", "review_rejection_reasons": ["X"]},
            id="review",
        ),
        pytest.param(
            {"targetingCriteria": {"include": {"and": []}}},
            {"targeting_criteria": {"include": {"and": []}}},
            id="open-ended object stays as it is",
        ),
        pytest.param(
            {"content": {"reference": "urn:li:share:730"}},
            {
                "content": {"reference": "urn:li:share:730"},
                "content_reference_urn": "urn:li:share:730",
                "content_reference_id": 730,
            },
            id="content by reference",
        ),
        pytest.param(
            {"content": {"textAd": {"landingPage": "https://example.com/?a=1"}}},
            {
                "content": {"textAd": {"landingPage": "https://example.com/?a=1"}},
                "text_ad_landing_page": "https://example.com/?a=1",
            },
            id="content of a text ad",
        ),
        pytest.param(
            {"campaigns": ["urn:li:sponsoredCampaign:1"]},
            {"campaigns": ["urn:li:sponsoredCampaign:1"]},
            id="lists of URNs stay lists",
        ),
        pytest.param({"test": False, "name": "ü 📈"}, {"test": False, "name": "ü 📈"}, id="plain"),
    ],
)
def test_flatten_names_columns(wire: dict[str, t.Any], columns: dict[str, t.Any]) -> None:
    """The naming rules of the interface, one by one; values stay as LinkedIn sent them."""
    assert dict(entity.flatten(wire)) == columns


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000+00:00"),
        (1, "1970-01-01T00:00:00.001+00:00"),
        (-1, "1969-12-31T23:59:59.999+00:00"),
        (1_777_334_399_999, "2026-04-27T23:59:59.999+00:00"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999+00:00"),
    ],
)
def test_instants_are_utc_with_milliseconds(milliseconds: int, text: str) -> None:
    """RFC 3339 in UTC, made of integers alone: no rounding, no time zone of the host."""
    assert entity.instant(milliseconds) == text


@pytest.mark.parametrize(
    "text",
    [
        "-2E-18",
        "0E-18",
        "0.0",
        "99.99999999999996",
        "19.91833",
        "120.50",
        "12345678901234567890.123456789012345678",
        "1E+3",
        "-0.0",
        "7",
    ],
)
def test_money_keeps_every_digit(text: str) -> None:
    """A BigDecimal keeps its digits and its exponent, whether it came as a string or a number."""
    as_string = responses.row(json.dumps({"amount": text}).encode())["amount"]
    as_number = responses.row(b'{"amount":' + text.encode() + b"}")["amount"]
    for sent in (as_string, as_number):
        value = entity.conform(sent, {"type": ["number", "null"]})
        assert Decimal(text).compare_total(Decimal(value)) == 0


@given(AMOUNTS)
def test_any_decimal_survives(amount: Decimal) -> None:
    """No digit and no exponent is lost between LinkedIn's text and the record."""
    wire = responses.row(json.dumps({"amount": str(amount)}).encode())
    value = entity.conform(wire["amount"], {"type": "number"})
    assert isinstance(value, Decimal)
    assert value.compare_total(amount) == 0


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        pytest.param("15", {"type": ["integer", "null"]}, 15, id="number as string"),
        pytest.param("15.0", {"type": "integer"}, 15, id="integer with zero fraction"),
        pytest.param(Decimal("1E+2"), {"type": "integer"}, 100, id="integer with exponent"),
        pytest.param(15, {"type": ["number", "null"]}, Decimal(15), id="integer as decimal"),
        pytest.param("true", {"type": ["boolean", "null"]}, True, id="boolean as string"),
        pytest.param(0, {"type": "boolean"}, False, id="boolean as number"),
        pytest.param(3, {"type": ["string", "null"]}, "3", id="string as number"),
        pytest.param(Decimal("1.50"), {"type": "string"}, "1.50", id="string as decimal"),
        pytest.param({"a": "ü"}, {"type": "string"}, '{"a": "ü"}', id="object where text belongs"),
        pytest.param(None, {"type": ["integer", "null"]}, None, id="null"),
        pytest.param([1], {"type": ["array", "null"]}, [1], id="array as it is"),
        pytest.param({"a": 1}, {"type": ["object", "null"]}, {"a": 1}, id="object as it is"),
        pytest.param(
            "86400000",
            {"type": "string", "format": "date-time"},
            "1970-01-02T00:00:00.000+00:00",
            id="instant as string",
        ),
        pytest.param(
            "2026-01-01T00:00:00Z",
            {"type": "string", "format": "date-time"},
            "2026-01-01T00:00:00Z",
            id="instant that is text already",
        ),
    ],
)
def test_values_take_the_type_of_their_column(
    value: t.Any,  # noqa: ANN401
    schema: dict[str, t.Any],
    expected: t.Any,  # noqa: ANN401
) -> None:
    """LinkedIn's numbers were seen as strings and the reverse; both are read."""
    found = entity.conform(value, schema)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a lot", "integer"),
        ("1.5", "integer"),
        ({}, "integer"),
        ("a lot", "number"),
        ("NaN", "number"),
        ("Infinity", "number"),
        ([], "number"),
        ("perhaps", "boolean"),
    ],
)
def test_unreadable_values_are_errors_that_name_the_column(value: object, kind: str) -> None:
    """A value that its column cannot hold stops the stream; it is never guessed or dropped."""
    with pytest.raises(UnreadableValueError, match=f"column size: LinkedIn sent .* no {kind}"):
        entity.entity({"size": value}, {"size": {"type": [kind, "null"]}})


def test_record_has_exactly_the_columns_of_the_schema() -> None:
    """What LinkedIn left out is null; what nobody documents is left out."""
    columns: dict[str, t.Any] = {
        "id": {"type": "integer"},
        "name": {"type": ["string", "null"]},
        "daily_budget_amount": {"type": ["number", "null"]},
    }
    wire = {
        "id": 5,
        "undocumentedField": {"nested": [1, None]},
        "dailyBudget": {"currencyCode": "EUR"},
    }
    assert entity.entity(wire, columns) == {"id": 5, "name": None, "daily_budget_amount": None}
    assert entity.entity({}, columns) == dict.fromkeys(columns)
