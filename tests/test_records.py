"""From LinkedIn's objects to records: names, references, money with every digit, instants."""

from __future__ import annotations

import json
import typing as t
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import METRICS
from tap_linkedin_ads.api import epoch, responses
from tap_linkedin_ads.records import entity, schema, values
from tests.truth import snake

if t.TYPE_CHECKING:
    from tap_linkedin_ads.records.values import UnreadableValue
    from tests.singer import Json

CAMPAIGN = schema.stream_schema("campaigns")["properties"]
PLAIN_TEXT = [
    column
    for column, declared in CAMPAIGN.items()
    if values.kind_of(declared) == "string" and "_" not in column
]
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda amount: abs(amount.adjusted()) < 900
)
"""What a numeric column of PostgreSQL holds."""


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
    declared: dict[str, Json] = {column: {} for column in columns} | {"id": {"type": "integer"}}
    assert dict(entity.flatten(wire, declared)) == columns


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
    assert epoch.instant(milliseconds) == text


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
        value = values.conform(sent, {"type": ["number", "null"]})
        assert Decimal(text).compare_total(Decimal(value)) == 0


@given(AMOUNTS)
def test_any_decimal_survives(amount: Decimal) -> None:
    """No digit and no exponent is lost between LinkedIn's text and the record."""
    wire = responses.row(json.dumps({"amount": str(amount)}).encode())
    value = values.conform(wire["amount"], {"type": "number"})
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
        pytest.param(1, {"type": "boolean"}, True, id="boolean as another number"),
        pytest.param("0", {"type": "boolean"}, False, id="boolean as digit"),
        pytest.param("1", {"type": "boolean"}, True, id="boolean as another digit"),
        pytest.param("FALSE", {"type": "boolean"}, False, id="boolean in capitals"),
        pytest.param(
            [None, "2"],
            {"type": "array", "items": {"type": ["integer", "null"]}},
            [None, 2],
            id="array with a null",
        ),
        pytest.param(3, {"type": ["string", "null"]}, "3", id="string as number"),
        pytest.param(Decimal("1.50"), {"type": "string"}, "1.50", id="string as decimal"),
        pytest.param(
            {"a": "ü"}, {"type": ["string", "null"]}, '{"a": "ü"}', id="object where text belongs"
        ),
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
        pytest.param("2026-01-31", {"type": "string", "format": "date"}, "2026-01-31", id="date"),
    ],
)
def test_values_take_the_type_of_their_column(
    value: t.Any,  # noqa: ANN401
    schema: dict[str, t.Any],
    expected: t.Any,  # noqa: ANN401
) -> None:
    """LinkedIn's numbers were seen as strings and the reverse; both are read."""
    found = values.conform(value, schema)
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
        ("1_000", "integer"),
        (" 5", "integer"),
        (True, "integer"),
        (2**63, "integer"),
        (-(2**63) - 1, "integer"),
        (Decimal("1E+999999999"), "integer"),
        (Decimal("1E+999999999"), "number"),
        (Decimal("1E-999999"), "number"),
        ("9" * 1001, "number"),
        (True, "number"),
        ({"amount": 1}, "boolean"),
        ({"a": 1}, "array"),
        ("[]", "array"),
        ([], "object"),
        ("{}", "object"),
    ],
)
def test_what_a_column_cannot_hold_is_null_and_named(value: object, kind: str) -> None:
    """The record is there, one column of it is null, and what LinkedIn sent is kept for a note."""
    unreadable: list[UnreadableValue] = []
    columns = {"id": {"type": "integer"}, "size": {"type": [kind, "null"]}}
    record = entity.entity({"id": 5, "size": value}, columns, unreadable)
    assert record == {"id": 5, "size": None}
    (found,) = unreadable
    assert (found.column, found.kind) == ("size", kind)
    assert 0 < len(found.value) <= 80


@pytest.mark.parametrize(
    "value",
    [10**17, -(10**17), "soon", "2026-13-45", True, 1.5, [], {}, "99999999999999999", 10**400],
)
def test_an_instant_that_no_calendar_has_is_null_and_named(value: object) -> None:
    """Beyond the years 1 to 9999, or no instant at all: the column is null."""
    unreadable: list[UnreadableValue] = []
    columns = {"created_time": {"type": ["string", "null"], "format": "date-time"}}
    assert entity.entity({"createdAt": value}, columns, unreadable) == {"created_time": None}
    assert [found.column for found in unreadable] == ["created_time"]


@pytest.mark.parametrize("value", ["2026-02-30", "soon", 20260131, True, 1.5, []])
def test_a_date_that_no_calendar_has_is_null_and_named(value: object) -> None:
    """Nor is a number one."""
    unreadable: list[UnreadableValue] = []
    columns = {"starts_on": {"type": ["string", "null"], "format": "date"}}
    assert entity.entity({"startsOn": value}, columns, unreadable) == {"starts_on": None}
    assert [(found.column, found.kind) for found in unreadable] == [("starts_on", "date")]


@pytest.mark.parametrize(
    ("field", "value", "columns"),
    [
        ("totalBudget", "a lot", ("total_budget_amount", "total_budget_currency_code")),
        ("runSchedule", 5, ("run_schedule_start", "run_schedule_end")),
        ("changeAuditStamps", [1], ("created_time", "last_modified_time")),
        ("version", "1", ("version_tag",)),
        ("campaignGroup", {"id": 1}, ("campaign_group_urn",)),
    ],
)
def test_a_value_of_another_shape_is_named_in_each_of_its_columns(
    field: str, value: object, columns: tuple[str, ...]
) -> None:
    """What stands where an object or a reference belongs is never passed over in silence."""
    unreadable: list[UnreadableValue] = []
    record = entity.entity({field: value}, CAMPAIGN, unreadable)
    assert set(columns) <= {found.column for found in unreadable}
    assert all(record[column] is None for column in columns)
    assert {found.value for found in unreadable} == {values.shown(value)}


def test_a_number_with_an_exponent_is_no_reference() -> None:
    """LinkedIn was seen to send bare numbers for URNs, but none that had to be converted."""
    unreadable: list[UnreadableValue] = []
    wire = responses.row(b'{"campaignGroup":64e0}')
    record = entity.entity(wire, CAMPAIGN, unreadable)
    assert (record["campaign_group_urn"], record["campaign_group_id"]) == (None, None)
    assert [found.column for found in unreadable] == ["campaign_group_urn"]


def test_a_reference_has_two_columns() -> None:
    """The URN and its number, each by its own schema."""
    columns = {"post_urn": {"type": "string"}, "post_id": {"type": "integer"}}
    unreadable: list[UnreadableValue] = []
    found = entity.reference("post", "urn:li:share:7", columns, unreadable)
    assert found == {"post_urn": "urn:li:share:7", "post_id": 7}
    assert entity.reference("post", "urn:li:share:x", columns, unreadable)["post_id"] is None
    assert unreadable == []
    assert entity.reference("post", [7], columns, unreadable)["post_urn"] is None
    assert [(found.column, found.value) for found in unreadable] == [("post_urn", "[7]")]


def test_a_value_may_be_wanted_where_nobody_takes_note() -> None:
    """It is what its column would hold, or null."""
    assert values.fitting_or_none("5", {"type": "integer"}) == 5
    assert values.fitting_or_none("x", {"type": "integer"}) is None
    assert values.fitting_or_none(5, values.TEXT) == "5"
    assert values.fitting_or_none(None, values.TEXT) is None


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        ("9223372036854775807.0", 2**63 - 1),
        ("-9223372036854775808.0", -(2**63)),
        (Decimal("1e18"), 10**18),
    ],
)
def test_an_integer_column_holds_what_a_bigint_holds(sent: object, number: int) -> None:
    """To the last of them, however they are written."""
    assert values.exact_integer(sent) == number


@pytest.mark.parametrize("read", [values.exact_integer, values.decimal])
@pytest.mark.parametrize("sent", ["soon", [5], Decimal("1e2000")])
def test_what_is_no_number_is_told(read: t.Callable[[object], object], sent: object) -> None:
    """Whoever asked can say what LinkedIn sent."""
    with pytest.raises(ValueError, match=r"soon|5|2000") as raised:
        read(sent)
    assert raised.value.args == (sent,)


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ({"type": "integer"}, "integer"),
        ({"type": ["null", "string"]}, "string"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "null"}, ""),
        ({}, ""),
    ],
)
def test_a_schema_says_what_its_column_holds(declared: Json, kind: str) -> None:
    """A format, or else a type that is not null."""
    assert values.kind_of(declared) == kind


@pytest.mark.parametrize("kind", ["array", "object"])
@pytest.mark.parametrize(("depth", "fits"), [(100, True), (101, False)])
def test_a_json_column_holds_a_hundred_levels(kind: str, depth: int, *, fits: bool) -> None:
    """Of lists and objects in each other, wherever in them the deepest level is."""
    value: list[t.Any] | Json = []
    for level in range(2, depth + 1):
        is_list = (depth - level) % 2 == (kind == "object")
        value = [1, value] if is_list else {"a": 1, "b": value}
    assert values.fitting_or_none(value, {"type": kind}) == (value if fits else None)


@pytest.mark.parametrize("name", ["urn: Q3 awareness", "urn:li:sponsoredCampaign:5", "urn:"])
@pytest.mark.parametrize("stream", ["campaigns", "campaign_groups", "conversions", "lead_forms"])
def test_a_name_is_text_whatever_it_looks_like(stream: str, name: str) -> None:
    """The column's kind decides what a value is: a name may begin like a URN."""
    columns = schema.stream_schema(stream)["properties"]
    assert entity.entity({"name": name}, columns, [])["name"] == name


@given(st.sampled_from(PLAIN_TEXT), st.text(min_size=1))
def test_every_text_column_keeps_every_text(column: str, text: str) -> None:
    """No text column of an entity takes a text for something else."""
    assert dict(entity.flatten({column: text}, CAMPAIGN)) == {column: text}


def test_items_of_a_list_take_the_type_that_the_schema_says() -> None:
    """One item that cannot be of it makes the column null: half a list would mislead."""
    columns = {"options": {"type": ["array", "null"], "items": {"type": "integer"}}}
    assert entity.entity({"options": ["1", 2]}, columns, []) == {"options": [1, 2]}
    unreadable: list[UnreadableValue] = []
    assert entity.entity({"options": [1, "x"]}, columns, unreadable) == {"options": None}
    assert entity.entity({"options": [1, None]}, columns, unreadable) == {"options": None}
    assert [found.value for found in unreadable] == ['[1, "x"]', "[1, null]"]


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
    expected = {"id": 5, "name": None, "daily_budget_amount": None}
    assert entity.entity(wire, columns, []) == expected
    assert entity.entity({}, columns, []) == dict.fromkeys(columns)


# Text that loaders cannot take


@pytest.mark.parametrize(
    ("sent", "text", "count"),
    [
        (rb"plain \u00fc \ud83d\ude00", "plain \u00fc \U0001f600", 0),
        (rb"cut \ud83d", "cut \ufffd", 1),
        (rb"cut \uDE00 twice \ud83d\u0041", "cut \ufffd twice \ufffdA", 2),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600", 1),
        (rb"nul \u0000", "nul \ufffd", 1),
        (rb"a backslash \\u0000 \\ud83d", r"a backslash \u0000 \ud83d", 0),
        (rb"\\\u0000", "\\\ufffd", 1),
        (b"raw \xed\xa0\xbd", "raw \ufffd", 1),
        (b"broken \xff", "broken \ufffd", 1),
        (b"nul \x00", "nul \ufffd", 1),
        ("ü 📈".encode(), "ü 📈", 0),
    ],
)
def test_characters_that_loaders_cannot_take_become_a_replacement(
    sent: bytes, text: str, count: int
) -> None:
    """U+0000 and halves of characters, in values, keys and at any depth; nothing else."""
    body = b'{"elements":[{"' + sent + b'":[{"a":"' + sent + b'"}]}]}'
    content, replaced = responses.with_loadable_text(body)
    (raw,) = responses.finder(content).elements
    assert responses.row(raw) == {text: [{"a": text}]}
    assert replaced == 2 * count


@given(st.text(st.characters(blacklist_categories=()), max_size=20))
def test_any_text_becomes_loadable(text: str) -> None:
    """Whatever JSON text: it is decoded, PostgreSQL takes it, and what was fine is as it was."""
    content, replaced = responses.with_loadable_text(json.dumps({"a": text}).encode())
    found = responses.row(content)["a"]
    found.encode()
    assert "\0" not in found
    if not replaced:
        assert json.dumps(found) == json.dumps(text)


def test_an_integer_of_thousands_of_digits_costs_itself() -> None:
    """Python refuses to convert it; the row is read all the same."""
    wire = responses.row(b'{"id":5,"size":' + b"9" * 5000 + b',"c":1.50}')
    assert (wire["id"], wire["size"], wire["c"]) == (5, "9" * 5000, Decimal("1.50"))
