"""Settings: everything that is wrong is told at once, by name, and secrets are not repeated."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.settings import configuration, environment
from tap_linkedin_ads.settings.readers import ids
from tap_linkedin_ads.settings.table import FILLED_IN, JSON_SCHEMA, SETTINGS

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_linkedin_ads.settings.table import Configuration

TODAY = dt.date(2026, 11, 22)
KNOWN = frozenset(SETTINGS)
TOKEN = {"access_token": "made-up-token"}
CLIENT = {"client_id": "made-up-id", "client_secret": "made-up-secret"}
REFRESH = {**CLIENT, "refresh_token": "made-up-refresh"}


def read(config: dict[str, t.Any]) -> tuple[Configuration, list[str]]:
    """Read settings as they are."""
    return configuration.read(config, known=KNOWN, today=TODAY, version="1.2.3")


def right(**settings: t.Any) -> Configuration:  # noqa: ANN401
    """Read settings that must be right, with a token beside them."""
    found, errors = read(TOKEN | settings)
    assert errors == []
    return found


def wrong(**settings: t.Any) -> list[str]:  # noqa: ANN401
    """Read settings of which some must be wrong, with a token beside them."""
    _, errors = read(TOKEN | settings)
    assert errors
    return errors


def test_defaults() -> None:
    """With a token alone the tap reads everything of the last twelve months."""
    found = right()
    assert found.access_token == "made-up-token"
    assert found.start_date == dt.date(2025, 11, 22)
    assert not found.start_date_is_set
    assert found.end_date == TODAY
    assert found.account_ids is None
    assert found.organization_ids is None
    assert found.exclude_account_ids == frozenset()
    assert found.lookback_window == 30
    assert found.date_window_size == 92
    assert found.api_version == "202609"
    assert found.max_workers == 4
    assert found.metric_values_limit == 45_000_000
    assert found.fail_on_account_error
    assert found.request_timeout == 300
    assert found.user_agent == "tap-linkedin-ads/1.2.3"
    assert found.api_url == "https://api.linkedin.com"
    assert found.oauth_url == "https://www.linkedin.com/oauth/v2"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([512345678, 42], id="array"),
        pytest.param(["512345678", "42"], id="array of strings"),
        pytest.param(["urn:li:sponsoredAccount:512345678", 42], id="URN"),
        pytest.param("512345678,42", id="comma"),
        pytest.param(" 512345678 , urn:li:sponsoredAccount:42 ", id="comma and blanks"),
        pytest.param("[512345678, 42]", id="JSON"),
        pytest.param('["urn:li:sponsoredAccount:512345678","42"]', id="JSON of strings"),
        pytest.param([512345678, 42, 512345678], id="repeated"),
    ],
)
@pytest.mark.parametrize("name", ["account_ids", "accounts"])
def test_ids_are_read_in_every_form(name: str, value: object) -> None:
    """Ids are an array, one comma-separated string or JSON text, of numbers or URNs."""
    assert right(**{name: value}).account_ids == (512345678, 42)


@pytest.mark.parametrize("name", ["account_ids", "accounts", "organization_ids"])
@pytest.mark.parametrize(
    ("value", "expected"), [([], ()), ("[]", ()), (" [ ] ", ()), ("", None), (None, None)]
)
def test_an_empty_list_is_none_and_a_blank_is_not_set(
    name: str, value: object, expected: tuple[int, ...] | None
) -> None:
    """An empty array, also as text, reads nothing; an empty text or null is as if not set."""
    configuration = right(**{name: value})
    found = {
        "account_ids": configuration.account_ids,
        "organization_ids": configuration.organization_ids,
    }
    assert found[name.replace("accounts", "account_ids")] == expected


def test_an_alias_that_contradicts_an_empty_list_is_refused() -> None:
    """One of two lists cannot mean nothing where the other names accounts."""
    (error,) = wrong(account_ids=[], accounts=[5])
    assert error.startswith("accounts: ")


URNS = {
    "account_ids": "urn:li:sponsoredAccount",
    "exclude_account_ids": "urn:li:sponsoredAccount",
    "organization_ids": "urn:li:organization",
    "company_intelligence_campaign_id": "urn:li:sponsoredCampaign",
    "company_intelligence_ad_segments": "urn:li:adSegment",
}


@pytest.mark.parametrize("name", URNS)
def test_urns_of_another_kind_are_refused(name: str) -> None:
    """The number of a page is no ad account, and the reverse; the message shows the right kind."""
    other = "urn:li:organization" if "account" in name else "urn:li:sponsoredAccount"
    (error,) = wrong(**{name: f"{other}:5"})
    assert error.startswith(f"{name}: ")
    assert URNS[name] in error
    assert wrong(**{name: f"{URNS[name]}:"})


def test_one_campaign_is_one() -> None:
    """A second campaign is not left out in silence."""
    assert wrong(company_intelligence_campaign_id="1,2")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"oauth_credentials": "client"}, "expected an object"),
        ({"oauth_credentials": {**REFRESH, "client_idd": "x"}}, "oauth_credentials.client_idd"),
        ({**REFRESH, "oauth_credentials.secret": "x"}, "oauth_credentials.secret"),
    ],
    ids=["text", "unknown name", "unknown dotted name"],
)
def test_nested_credentials_of_another_shape_are_refused(
    config: dict[str, t.Any], words: str
) -> None:
    """They are not dropped in silence, and never shown."""
    _, errors = read(config)
    assert any(words in error for error in errors), errors
    assert "made-up" not in "".join(errors)


@pytest.mark.parametrize("name", ["exclude_account_ids", "organization_ids"])
def test_other_lists_of_ids_are_read_likewise(name: str) -> None:
    """All settings that hold ids accept the same forms."""
    assert set(getattr(right(**{name: f"1, {URNS[name]}:2"}), name)) == {1, 2}


@pytest.mark.parametrize(
    "value",
    [
        "acme",
        "1;2",
        "1,,2",
        "-1",
        "0",
        "1.5",
        [1.5],
        [True],
        [None],
        [[1]],
        {"a": 1},
        "[1",
        "9" * 20,
    ],
    ids=str,
)
def test_ids_that_are_none_are_refused(value: object) -> None:
    """What is no id is named, not dropped: a typing error must not read other accounts."""
    (error,) = wrong(account_ids=value)
    assert error.startswith("account_ids: ")
    assert "ids or URNs" in error


@given(st.lists(st.integers(1, 2**63 - 1), min_size=1, unique=True))
def test_every_form_of_ids_means_the_same(numbers: list[int]) -> None:
    """Array, strings, URNs, commas and JSON give the same numbers in the same order."""
    urns = [f"urn:li:sponsoredAccount:{number}" for number in numbers]
    for form in (numbers, list(map(str, numbers)), urns, ",".join(urns), str(numbers)):
        assert ids("sponsoredAccount").read(form) == tuple(numbers)


def test_both_names_for_accounts_must_agree() -> None:
    """account_ids and its alias may both be set where they say the same."""
    assert right(account_ids=[1, 2], accounts="2,1").account_ids == (1, 2)
    assert wrong(account_ids=[1], accounts=[2])[0].startswith("accounts: ")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T00:00:00Z", "2026-01-31"),
        ("2026-01-31T23:30:00-05:00", "2026-02-01"),
        ("2026-01-31T00:30:00+02:00", "2026-01-30"),
    ],
)
def test_dates_are_utc_days(text: str, day: str) -> None:
    """A date is a UTC day; a date-time is converted to UTC first."""
    found = right(start_date=text)
    assert found.start_date == dt.date.fromisoformat(day)
    assert found.start_date_is_set
    assert right(end_date=text).end_date == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "value", ["yesterday", "2026-02-30", "31.01.2026", 20260131, True, "12:00"]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    """A date that does not exist is an error, not another day."""
    assert wrong(start_date=value)[0].startswith("start_date: ")


def test_dates_in_the_wrong_order_are_refused() -> None:
    """start_date may be neither behind end_date nor in the future; end_date may be."""
    assert "end_date (2026-01-01)" in wrong(start_date="2026-01-02", end_date="2026-01-01")[0]
    assert "today (2026-11-22, UTC)" in wrong(start_date="2026-11-23")[0]
    assert right(end_date="2027-01-01").end_date == TODAY


def cases(of: Callable[[dict[str, t.Any]], Iterable[object]]) -> list[t.Any]:
    """Return every setting with each value that a function finds for its JSON schema."""
    found = {
        f"{name}-{value!r}": (name, value)
        for name, schema in JSON_SCHEMA["properties"].items()
        if name in SETTINGS  # the SDK adds its own to the schema when a tap is made
        for value in of(schema)
    }
    return [pytest.param(*case, id=key) for key, case in found.items()]


def outside(schema: dict[str, t.Any]) -> Iterator[object]:
    """Yield what the JSON schema of a setting, or of its items, rules out."""
    if "items" in schema:
        yield from ([value] for value in outside(schema["items"]))
    if "minItems" in schema:
        yield []
    if "minimum" in schema:
        yield from (schema["minimum"] - 1, schema["minimum"] + 0.5, True)
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "exclusiveMinimum" in schema:
        yield from (schema["exclusiveMinimum"], -1, True)
    if "enum" in schema:
        yield from ("NO_SUCH_WORD", schema["enum"][0].swapcase())


def of_another_type(schema: dict[str, t.Any]) -> Iterator[object]:
    """Yield what no value of the setting looks like, even in an environment variable."""
    types = set(schema["type"])
    if "object" not in types:
        yield {"no": "such"}
    if "array" not in types:
        yield [["no", "such"]]
    if not types <= {"string", "null"} or "enum" in schema:
        yield "neither a number nor a word"
    elif not types & {"array", "integer", "object"}:
        yield from (5, True)


def allowed(schema: dict[str, t.Any]) -> Iterator[object]:
    """Yield values at the limits of a JSON schema."""
    if "items" in schema:
        yield from ([value] for value in allowed(schema["items"]))
    if "default" in schema:
        yield schema["default"]
    yield from schema.get("enum", ())
    yield from (schema[limit] for limit in ("minimum", "maximum") if limit in schema)
    if "boolean" in schema["type"]:
        yield from (True, False)


def spellings(value: object) -> set[str]:
    """Return how a value may be written in an environment variable."""
    if isinstance(value, bool):
        return {"true", "TRUE", "1", "yes"} if value else {"false", "False", "0", "no"}
    if isinstance(value, list):
        return {json.dumps(value), ",".join(map(str, value)), " , ".join(map(str, value))}
    return {value} if isinstance(value, str) else {json.dumps(value)}


def is_refused(name: str, value: object) -> None:
    """Hold the message about a setting: its name, its value unless secret, what is allowed."""
    kind = SETTINGS[name].kind
    shown = "(hidden)" if kind.is_secret else json.dumps(value)
    message = f"{name}: {shown} is not allowed; expected {kind.expected}"
    if name == "reports":
        assert any(error.startswith("reports") for error in wrong(reports=value))
        return
    assert message in wrong(**{name: value})


@pytest.mark.parametrize(("name", "value"), cases(of_another_type))
def test_values_of_another_type_are_refused(name: str, value: object) -> None:
    """The message names the setting, shows the value and says what is allowed."""
    is_refused(name, value)


@pytest.mark.parametrize(("name", "value"), cases(outside))
def test_values_outside_of_the_limits_are_refused(name: str, value: object) -> None:
    """What the JSON schema rules out, the tap refuses, in lists as well."""
    is_refused(name, value)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_a_wrong_value_here(name: str) -> None:
    """The tests above leave no setting out."""
    assert list(of_another_type(JSON_SCHEMA["properties"][name]))


@pytest.mark.parametrize(("name", "value"), cases(allowed))
def test_values_within_the_limits_are_read_in_every_spelling(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the JSON schema allows is read as it is, also from an environment variable."""
    read_as = getattr(right(**{name: value}), name)
    assert read_as == (tuple(value) if isinstance(value, list) else value)
    for spelling in spellings(value):
        monkeypatch.setenv(f"ANY_TAP_{name.upper()}", spelling)
        given = environment.from_environment("ANY_TAP_", SETTINGS, {})
        assert getattr(right(**given), name) == read_as, spelling


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "access_token"])
@pytest.mark.parametrize("unset", [None, ""])
def test_settings_that_are_not_set_have_their_default(name: str, unset: object) -> None:
    """Nothing, and the empty text of an environment variable, leave a setting at its default."""
    assert right(**{name: unset}) == right()
    default = SETTINGS[name].default
    if default is not FILLED_IN:
        assert getattr(right(), name) == default


def test_settings_that_are_filled_in_are_never_nothing() -> None:
    """Where the default depends on the day or the tap, it is worked out."""
    found = right()
    assert None not in (found.start_date, found.end_date, found.date_window_size, found.user_agent)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_version", "2026-09"),
        ("api_version", "202613"),
        ("api_version", 2026.09),
        ("request_timeout", 1e6),
        ("user_agent", "a\r\nHost: evil"),
        ("api_url", "api.linkedin.com"),
        ("api_url", "https://api.linkedin.com/?q=1"),
        ("api_url", "https://api.linkedin.com/rest"),
        ("api_url", "https://api.linkedin.com/rest/"),
        ("oauth_url", "ftp://www.linkedin.com"),
        ("company_intelligence_windows", "LAST_90_DAYS;LAST_30_DAYS"),
    ],
)
def test_texts_of_another_form_are_refused(name: str, value: object) -> None:
    """Versions, URLs and header fields have a form that no JSON schema says."""
    is_refused(name, value)


def test_windows_that_the_api_version_lacks_are_refused() -> None:
    """The message lists those that it has, and the version."""
    (error,) = wrong(company_intelligence_windows="LAST_365_DAYS", api_version="202605")
    assert error.endswith("LAST_90_DAYS, LAST_180_DAYS (with api_version 202605)")


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("api_version", 202608, "api_version", "202608"),
        ("on_account_error", "warn", "fail_on_account_error", False),
        ("request_timeout", "0.5", "request_timeout", 0.5),
        ("api_url", "http://127.0.0.1:8080/", "api_url", "http://127.0.0.1:8080"),
        ("company_intelligence_campaign_id", "5", "company_intelligence_campaign_id", 5),
        ("accounts", "5", "account_ids", (5,)),
    ],
)
def test_values_are_converted(name: str, value: object, field: str, expected: object) -> None:
    """Numbers stand for texts and texts for numbers; a slash at the end of a URL is dropped."""
    assert getattr(right(**{name: value}), field) == expected


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param({}, "no credentials are set", id="none"),
        pytest.param(TOKEN | REFRESH, "both kinds of credentials", id="both"),
        pytest.param(
            {"refresh_token": "made-up-refresh"}, "client_id and client_secret", id="half"
        ),
        pytest.param(CLIENT, "no credentials are set", id="client alone"),
        pytest.param(
            REFRESH | {"refresh_token": "made-up-refresh\n"}, "without blanks", id="line break"
        ),
        pytest.param({"access_token": 12345678901}, "a text", id="number"),
        pytest.param({"access_token": '"made-up"'}, "quotation marks", id="quoted"),
        pytest.param({"access_token": "made-up'"}, "quotation marks", id="quoted at the end"),
    ],
)
def test_credentials_of_one_kind_are_needed(config: dict[str, t.Any], words: str) -> None:
    """Either a token or all three parts that buy one; the message says which are missing."""
    _, errors = read(config)
    assert any(words in error for error in errors), errors


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(REFRESH, id="flat"),
        pytest.param({"oauth_credentials": REFRESH}, id="nested"),
        pytest.param({f"oauth_credentials.{k}": v for k, v in REFRESH.items()}, id="dotted"),
    ],
)
def test_credentials_are_read_under_each_name(config: dict[str, t.Any]) -> None:
    """The names of another tap for LinkedIn Ads work as well."""
    found, errors = read(config)
    assert errors == []
    assert found.access_token is None
    assert found.credentials is not None
    assert found.credentials.client_id == "made-up-id"
    assert found.credentials.client_secret == "made-up-secret"
    assert found.credentials.refresh_token == "made-up-refresh"


def test_everything_wrong_is_told_at_once() -> None:
    """A user corrects all mistakes in one go."""
    errors = wrong(
        start_date="soon", account_ids="acme", max_workers=0, api_version="x", acount_ids=[1]
    )
    names = {error.split(":")[0] for error in errors}
    assert names == {"start_date", "account_ids", "max_workers", "api_version", "acount_ids"}


def test_unknown_settings_are_refused_with_a_near_name() -> None:
    """A setting that does not exist is a typing error until proven otherwise."""
    assert wrong(acount_ids=[1]) == [
        "acount_ids: there is no such setting; did you mean account_ids?"
    ]
    assert "docs/settings.md" in wrong(zzz=1)[0]


def test_secrets_are_hidden() -> None:
    """Neither messages nor the printed form of the settings repeat a secret."""
    secrets = [name for name, setting in SETTINGS.items() if setting.kind.is_secret]
    assert {"access_token", "oauth_credentials"} <= set(secrets)
    assert {SETTINGS[name].kind.support for name in secrets} == {"set"}
    found, errors = read(dict.fromkeys(secrets, " made-up-secret-value "))
    assert errors
    assert "secret-value" not in repr(found) + "".join(errors)
    for config in (REFRESH, TOKEN, {"oauth_credentials": REFRESH}):
        found, errors = read(config)
        assert errors == []
        assert "made-up" not in repr(found)
    assert "made-up" not in repr(found.credentials)
