"""Settings: everything that is wrong is told at once, by name, and secrets are not repeated."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_linkedin_ads.settings import configuration
from tap_linkedin_ads.settings.readers import ids_of
from tap_linkedin_ads.settings.table import SETTINGS

if t.TYPE_CHECKING:
    from tap_linkedin_ads.settings.configuration import Configuration

TODAY = dt.date(2026, 11, 22)
KNOWN = frozenset(SETTINGS["properties"])
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


@pytest.mark.parametrize("name", ["attributed_revenue_days", "company_intelligence_windows"])
@pytest.mark.parametrize("value", [[], "[]"])
def test_a_list_that_must_have_an_entry_has_one(name: str, value: object) -> None:
    """Where an empty list would mean nothing at all, it is refused."""
    (error,) = wrong(**{name: value})
    assert error.startswith(f"{name}: ")


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
def test_every_form_of_ids_means_the_same(ids: list[int]) -> None:
    """Array, strings, URNs, commas and JSON give the same numbers in the same order."""
    urns = [f"urn:li:sponsoredAccount:{number}" for number in ids]
    for form in (ids, list(map(str, ids)), urns, ",".join(urns), str(ids)):
        assert ids_of("sponsoredAccount")(form) == tuple(ids)


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lookback_window", -1),
        ("lookback_window", "many"),
        ("lookback_window", 1.5),
        ("lookback_window", True),
        ("date_window_size", 0),
        ("date_window_size", 93),
        ("max_workers", 0),
        ("max_workers", 1000),
        ("metric_values_limit", 0),
        ("api_version", "2026-09"),
        ("api_version", "202613"),
        ("api_version", "latest"),
        ("api_version", 2026.09),
        ("on_account_error", "ignore"),
        ("request_timeout", 0),
        ("request_timeout", "soon"),
        ("user_agent", "a\r\nHost: evil"),
        ("api_url", "api.linkedin.com"),
        ("api_url", "https://api.linkedin.com/?q=1"),
        ("oauth_url", "ftp://www.linkedin.com"),
        ("page_statistics_period", "WEEK"),
        ("keep_posts_history", "perhaps"),
        ("demographics_granularity", "HOURLY"),
        ("demographics_level", "creative"),
        ("attributed_revenue_days", [29]),
        ("attributed_revenue_days", [367]),
        ("company_intelligence_windows", ["LAST_YEAR"]),
        ("include_lead_responses", "perhaps"),
        ("reports", [{"name": "x"}]),
    ],
)
def test_values_that_are_not_allowed_are_refused(name: str, value: object) -> None:
    """The message names the setting, shows the value and says what is allowed."""
    errors = wrong(**{name: value})
    assert any(error.startswith(name) for error in errors), errors


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("lookback_window", "7", "lookback_window", 7),
        ("lookback_window", 0, "lookback_window", 0),
        ("date_window_size", "14", "date_window_size", 14),
        ("api_version", 202608, "api_version", "202608"),
        ("max_workers", "64", "max_workers", 64),
        ("on_account_error", "warn", "fail_on_account_error", False),
        ("request_timeout", "0.5", "request_timeout", 0.5),
        ("api_url", "http://127.0.0.1:8080/", "api_url", "http://127.0.0.1:8080"),
        ("lookback_window", None, "lookback_window", 30),
        ("account_ids", "", "account_ids", None),
        ("account_ids", None, "account_ids", None),
    ],
)
def test_values_from_environment_variables_are_read(
    name: str, value: object, field: str, expected: object
) -> None:
    """Texts stand for numbers and for nothing, as environment variables give them."""
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
    assert "README" in wrong(zzz=1)[0]


def test_secrets_are_hidden() -> None:
    """Neither messages nor the printed form of the settings repeat a secret."""
    secret = " made-up-secret-value "
    config = dict.fromkeys(("access_token", "client_id", "client_secret", "refresh_token"), secret)
    found, errors = read(config)
    assert errors
    assert "secret-value" not in repr(found) + "".join(errors)
    found, errors = read(REFRESH)
    assert errors == []
    assert "made-up-secret" not in repr(found)
    assert "made-up-refresh" not in repr(found)
    assert "made-up-token" not in repr(right())
