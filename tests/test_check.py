"""``check``: what will work and what it will take, told before a run."""

from __future__ import annotations

import datetime as dt
import functools
import json
import subprocess
import typing as t

import click
import pytest
import yaml
from rich.cells import cell_len

from sandbox.world import worlds
from tap_linkedin_ads.api import resources
from tap_linkedin_ads.api.errors import RequestFailedError, classify
from tap_linkedin_ads.cli.check import estimate
from tap_linkedin_ads.cli.check import text as checkup_text
from tap_linkedin_ads.cli.check.checkup import (
    Checkup,
    Cost,
    Need,
    Token,
    Verdict,
    Visible,
    judge,
    missing_scopes,
)
from tap_linkedin_ads.reporting.plan import Planner
from tap_linkedin_ads.reporting.windows import Window
from tap_linkedin_ads.streams.owners import Owner
from tap_linkedin_ads.tap import TapLinkedInAds
from tests import singer

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Entry, Sandbox, World
    from tap_linkedin_ads.streams import LinkedInStream
    from tests.singer import Json, Output

pytestmark = pytest.mark.refused("version_inactive")
"""``check`` asks which versions LinkedIn answers."""
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone.utc)
ADS = frozenset(("r_ads", "r_ads_reporting"))
REFUSED = classify(
    403,
    b'{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough'
    b' permissions to access: adAnalytics.FINDER-statistics.20260901"}',
)


def check(folder: Path, settings: Json, *options: str, catalog: Json | None = None) -> Output:
    """Run the command as a process of its own, with a config file."""
    before = singer.arguments(folder, settings, catalog)
    return singer.run([*before, "check", *options])


def ads_only(sandbox: Sandbox) -> Json:
    """Return settings with a token that may not look at pages."""
    return {**sandbox.config(), "access_token": sandbox.oauth.issue(tuple(ADS))}


# What follows from what was found out


@functools.cache
def every_stream() -> dict[str, LinkedInStream]:
    """Return every stream of a tap that knows no ad account, by name; nothing changes them."""
    tap = TapLinkedInAds(config={"access_token": "unused", **singer.PERSONAL})
    return {name: t.cast("LinkedInStream", stream) for name, stream in tap.streams.items()}


def need(stream: str, **more: t.Any) -> Need:  # noqa: ANN401
    """Return what a selected stream takes."""
    found = every_stream()[stream]
    facts: dict[str, t.Any] = {
        "stream": stream,
        "is_selected": True,
        "resources": found.resources,
        "owner_keys": found.owner_keys,
    }
    return Need(**{**facts, **more})


def judged(*streams: str, scopes: frozenset[str] | None = ADS) -> tuple[Verdict, ...]:
    """Return the verdicts on selected streams of a member with ad accounts only."""
    return tuple(judge(need(name), scopes=scopes, visible={"account_id"}) for name in streams)


@pytest.mark.parametrize("name", every_stream())
def test_every_stream_makes_its_first_requests_without_sending_any(name: str) -> None:
    """They ask for one row where their resource pages, of an owner whom nobody has to know."""
    stream = every_stream()[name]
    for key in stream.owner_keys:
        requests = list(stream.first_requests(Owner(key, 7)))
        assert requests or name in {"ad_accounts", "organizations"}
        for request in requests:
            of_account = "account_id" if "dscAdAccount" in request.parameters else None
            owner_key = of_account or resources.get(request.resource).owner_key
            assert owner_key in stream.owner_keys
            sizes = {request.parameters.get(size, 1) for size in ("count", "pageSize")}
            assert sizes == {1}
            assert "7" in f"{request.path}{request.parameters}"
    assert stream.resources[0] in {"adAccounts", "organizations"}
    assert not stream.run.client.requests_sent


def test_posts_behind_ads_take_the_scope_of_posts() -> None:
    """They are ad accounts', and need a scope of pages as well."""
    for stream in ("ad_posts", "ad_post_carousel_cards", "ad_post_multi_images"):
        (lacking,) = judged(stream)
        assert lacking.lacking == ("r_organization_social",)
        assert "r_organization_social" in lacking.reason
        (enough,) = judged(stream, scopes=ADS | {"r_organization_social"})
        assert enough.works


def test_scopes_decide_where_they_are_known() -> None:
    """A scope that the token lacks is named, with the way to get it."""
    verdicts = judged("ad_accounts", "posts")
    assert [verdict.works for verdict in verdicts] == [True, False]
    assert "r_organization_admin" in verdicts[1].reason
    assert "consent" in verdicts[1].reason


def test_refusals_decide_where_scopes_are_not_known() -> None:
    """What LinkedIn said to a tiny request is the reason."""
    refused = need("ad_performance", refusal=RequestFailedError(REFUSED, "adAnalytics"))
    assert judged("ad_accounts", scopes=None)[0].works
    verdict = judge(refused, scopes=None, visible={"account_id"})
    assert "r_ads_reporting" in verdict.reason


def test_without_anything_in_sight_nothing_works() -> None:
    """An empty list of ad accounts is a reason of its own; either owner will do for lead forms."""
    streams = ("ad_accounts", "lead_forms", "organizations")
    nothing = [judge(need(name), scopes=None, visible=()) for name in streams]
    assert [verdict.works for verdict in nothing] == [False, False, False]
    assert nothing[0].reason == "no ad account is in sight"
    assert nothing[1].reason == "no ad account or company page is in sight"
    pages = [judge(need(name), scopes=None, visible={"organization_id"}) for name in streams]
    assert [verdict.works for verdict in pages] == [False, True, True]


def report(**more: t.Any) -> Checkup:  # noqa: ANN401
    """Return a report with some of its facts."""
    facts: dict[str, t.Any] = {
        "version": "1.0.0",
        "now": NOW,
        "api_version": "202609",
        "sunset": dt.date(2027, 9, 15),
        "first_day": dt.date(2025, 11, 22),
        "last_day": dt.date(2026, 11, 22),
        "metric_values_limit": 45_000_000,
        "token": Token(valid_until=NOW + dt.timedelta(days=60), scopes=ADS),
        "accounts": (Visible(512340001, "北極光", ("VIEWER",), "ACTIVE"),),
        "verdicts": judged("ad_accounts", "posts"),
        "costs": (Cost("ad_performance", 4, 28, 90_000_000), Cost("campaigns", 0, 3)),
    }
    return Checkup(**{**facts, **more})


def test_the_report_fits_one_screen_and_says_it_all() -> None:
    """Tokens, scopes, version, accounts, streams, costs and the result."""
    text = checkup_text.render(report())
    for said in (
        "valid until 2027-01-21 12:00 UTC (60 days)",
        "refresh token  none is set",
        "until 2027-09-15 (297 days)",
        "missing scope  r_organization_admin",
        "512340001  北極光  ACTIVE  VIEWER",
        "will not work: posts",
        "90,000,000 metric values take 5 minutes at least: 45 million are allowed",
        "1 of 2 selected streams will not work",
    ):
        assert said in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert len(text.splitlines()) < 50
    assert report().exit_status == 1
    assert missing_scopes(report()) == {
        "r_organization_admin (or rw_organization_admin)": ["posts"],
        "r_organization_social": ["posts"],
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (45_000_000, "45,000,000 metric values fit in: 45 million are allowed in any five minutes"),
        (45_000_001, "45,000,001 metric values take 5 minutes at least"),
        (93_879_239, "93,879,239 metric values take 10 minutes at least"),
    ],
)
def test_the_limit_of_metric_values_makes_a_first_run_wait(values: int, said: str) -> None:
    """The first 45 million come at once, the next ones five minutes later."""
    assert said in checkup_text.render(report(costs=(Cost("ad_performance", 4, 28, values),)))


def test_names_in_any_script_keep_the_columns_aligned() -> None:
    """Wide characters take two columns, combining ones none."""
    names = ("Plain", "北極光", "Cafe\u0301", "광고", "A" * 40)
    text = checkup_text.render(
        report(accounts=tuple(Visible(5, name, (), "ACTIVE") for name in names))
    )
    before = [line.split("ACTIVE")[0] for line in text.splitlines() if "ACTIVE" in line]
    assert {cell_len(part) for part in before} == {2 + 1 + 2 + 40 + 2}


def test_on_80_columns_no_word_and_no_figure_is_cut() -> None:
    """Long names, roles and figures go over several lines, between words."""
    name = "Nordlicht Handelsgesellschaft für Medizintechnik mbH & Co. KG, Zweigniederlassung Süd"
    roles = ("ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER")
    allows = ("organization_page_statistics", "organization_page_view_facets", "posts")
    widest = Cost(
        "ad_analytics_by_impression_device_type", 1234, 123_456, 9_876_543_210, is_least=True
    )
    checkup = report(
        accounts=(Visible(512340001, name, ("ACCOUNT_BILLING_ADMIN",), "PENDING_DELETION, test"),),
        pages=(Visible(90876510, name, roles, "showcase page", is_read=False, allows=allows),),
        costs=(widest, Cost("campaigns", 0, 3)),
        troubles=("campaigns 512340001: " + "a reason in many words " * 9,),
    )
    text = checkup_text.render(checkup, width=80)
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    words = {word.rstrip(",") for word in text.split()}
    said = f"{name} {' '.join(roles)} ACCOUNT_BILLING_ADMIN showcase page not read".replace(
        "_", " "
    )
    assert {word.rstrip(",") for word in said.split()} <= words
    assert {*allows, "PENDING_DELETION", "test"} <= words
    assert {"9,876,543,210", "123,456", "1,234"} <= words


def test_as_many_accounts_are_shown_as_asked_for() -> None:
    """Twelve by default; what is left out is counted, with the way to see it."""
    many = report(accounts=tuple(Visible(n, f"Client {n}.", (), "ACTIVE") for n in range(400)))
    for text, shown in (
        (checkup_text.render(many), 12),
        (checkup_text.render(many, 399), 399),
        (checkup_text.render(many, 400), 400),
    ):
        assert text.count("Client ") == shown
        more = f"... and {400 - shown} more; check --show 400 lists all"
        assert (more in text) == (shown < 400)


def test_the_exit_status_is_0_only_where_all_selected_streams_work() -> None:
    """What is not selected does not count; what is listed and missing does."""
    unselected = need("posts", is_selected=False)
    works = (*judged("ad_accounts"), judge(unselected, scopes=ADS, visible={"account_id"}))
    assert report(verdicts=works).exit_status == 0
    assert report(verdicts=works, troubles=("account 1 is gone",)).exit_status == 1
    assert report(verdicts=works, token=Token(trouble="expired")).exit_status == 1


# What a first run will take


@pytest.mark.parametrize(
    ("rows", "requests", "values"),
    [(0.0, 10, 0), (10.0, 10, 73_000), (10_000.0, 730, 73_000_000)],
)
def test_estimates_go_through_the_plan(rows: float, requests: int, values: int) -> None:
    """A year of one ad account in two field groups: as few requests as its rows allow."""
    planner = Planner([1], Window(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), [True, False])
    rates = [estimate.GroupRate(10, rows), estimate.GroupRate(10, rows)]
    cost = estimate.of_report("ad_performance", [planner], rates)
    assert cost.values == pytest.approx(values, rel=0.02)
    assert cost.requests == pytest.approx(requests, abs=6)


def test_estimates_cut_days_that_are_too_large() -> None:
    """Days beyond LinkedIn's limit of rows are estimated in parts, and the estimate ends."""
    planner = Planner([1], Window(dt.date(2026, 1, 1), dt.date(2026, 1, 10)), [True])
    cost = estimate.of_report("ad_performance", [planner], [estimate.GroupRate(20, 40_000.0)])
    assert cost.requests > 30
    assert cost.values >= 10 * 40_000 * 20


# The command


@pytest.mark.slow
def test_all_is_well_is_0(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """With every scope the default selection works; every ad account stands there with its role."""
    output = check(tmp_path, sandbox.credentials() | {"access_token": None})
    text = output.stdout.decode()
    assert output.status == 0, text + output.stderr
    assert "Result: all" in text
    for account in world.accounts:
        assert f"{account['id']}  {account['name']}" in text
    assert "ACCOUNT MANAGER" in text
    assert "refresh token  valid until" in text
    assert "showcase page" in text
    assert sandbox.client_secret not in text + output.stderr
    assert sandbox.refresh_token not in text + output.stderr


@pytest.mark.slow
def test_a_scope_that_is_missing_is_1(sandbox: Sandbox, tmp_path: Path) -> None:
    """Introspection tells the scopes, so that nothing needs to be refused; ads would work."""
    settings = ads_only(sandbox) | {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }
    output = check(tmp_path, settings)
    text = output.stdout.decode()
    assert output.status == 1
    assert "missing scope" in text
    assert "will work:     ad_accounts" in text
    only_ads = singer.catalog({"ad_accounts": None, "ad_performance": ["impressions"]})
    assert check(tmp_path, settings, catalog=only_ads).status == 0


@pytest.mark.slow
@pytest.mark.refused("scope_missing")
def test_without_introspection_refusals_tell(sandbox: Sandbox, tmp_path: Path) -> None:
    """Without client id and secret the tap learns scopes from what LinkedIn refuses."""
    output = check(tmp_path, ads_only(sandbox))
    text = output.stdout.decode()
    assert output.status == 1
    assert "end unknown" in text
    assert "will not work: organization_page_statistics" in text
    assert "r_organization_admin" in text


@pytest.mark.slow
@pytest.mark.refused("token_expired")
def test_an_expired_token(sandbox: Sandbox, tmp_path: Path) -> None:
    """A token that does not work is told as such, without a traceback."""
    sandbox.oauth.expire(sandbox.access_token)
    plain = check(tmp_path, sandbox.config())
    told = check(tmp_path, {**sandbox.credentials(), "refresh_token": None})
    for output in (plain, told):
        assert output.status == 1
        assert "nothing will work with this token" in output.stdout.decode()
        assert "Traceback" not in output.stderr


@pytest.mark.slow
def test_a_listed_account_out_of_sight_is_1(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """What account_ids lists and LinkedIn does not give is a trouble."""
    gone = world.accounts[0]["id"]
    world.revoke_access(gone)
    output = check(tmp_path, {**sandbox.config(), "account_ids": [a["id"] for a in world.accounts]})
    assert output.status == 1
    assert str(gone) in output.stdout.decode().split("Troubles")[1]


@pytest.mark.slow
def test_wrong_settings_are_2(tmp_path: Path) -> None:
    """Settings are checked before anything is sent."""
    output = check(tmp_path, {"access_token": "x", "lookback_window": "many"})
    assert output.status == 2
    assert "lookback_window" in output.stderr
    assert not output.stdout


@pytest.mark.slow
def test_settings_come_from_the_environment_by_default(sandbox: Sandbox) -> None:
    """Without --config the environment is read."""
    variables = {f"TAP_LINKEDIN_ADS_{n.upper()}": v for n, v in sandbox.config().items()}
    assert singer.run([*singer.COMMAND, "check"], **variables).status == 0
    assert singer.run([*singer.COMMAND, "check"]).status == 2


@pytest.mark.slow
def test_settings_come_from_the_folder_s_env_file(sandbox: Sandbox, tmp_path: Path) -> None:
    """A .env file where the tap is run is read; the environment itself comes first."""
    settings = sandbox.config() | {"access_token": "overridden"}
    text = "".join(f"TAP_LINKEDIN_ADS_{n.upper()}={v}\n" for n, v in settings.items())
    (tmp_path / ".env").write_text(text)
    done = subprocess.run(
        [*singer.COMMAND, "check"],
        cwd=tmp_path,
        env=singer.environment(TAP_LINKEDIN_ADS_ACCESS_TOKEN=sandbox.access_token),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Result: all" in done.stdout


@pytest.mark.slow
def test_a_meltano_project_selects(sandbox: Sandbox) -> None:
    """Meltano hands its select list to commands: streams and columns count as in a run."""
    variables = {f"TAP_LINKEDIN_ADS_{n.upper()}": v for n, v in sandbox.config().items()}
    select = ["ad_acc*.*", "!ad_account_users.*", "ad_performance.impressions"]
    output = singer.run(
        [*singer.COMMAND, "--config=ENV", "check"],
        **variables,
        TAP_LINKEDIN_ADS__SELECT=json.dumps(select),
    )
    text = output.stdout.decode()
    assert output.status == 0, text
    assert "all 2 selected streams will work" in text
    requests = next(x for x in text.splitlines() if "ad_performance  " in x).split()[2]
    assert int(requests) <= 5  # one field group


@pytest.mark.slow
def test_support_hides_what_is_private(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    """The report for others has no secret, name, id or host, and has the settings that matter."""
    settings = sandbox.credentials() | {"access_token": None, "lookback_window": 12}
    settings["account_ids"] = [account["id"] for account in world.accounts]
    output = check(tmp_path, settings, "--support")
    text = output.stdout.decode()
    assert output.status == 0, text
    for account in world.accounts:
        assert str(account["id"]) not in text
        assert account["name"] not in text
    for secret in ("client_id", "client_secret", "refresh_token"):
        assert settings[secret] not in text
    assert sandbox.url not in text
    assert "lookback_window   12" in text
    assert "account_ids       3 set" in text
    assert "Result: all" in text


@pytest.mark.slow
def test_the_estimate_meets_the_run(serve: Callable[..., Sandbox], tmp_path: Path) -> None:
    """What check expects of a stream is about what a first run takes."""
    sandbox = serve(worlds.reference(today=singer.TODAY, campaigns=4, creatives=80, days=370))
    settings = singer.config(sandbox, start_date="2026-01-01")
    catalog = singer.catalog({"ad_performance": None})
    checked = check(tmp_path, settings, catalog=catalog)
    line = next(x for x in checked.stdout.decode().splitlines() if "ad_performance  " in x)
    _, windows, requests, values = line.split()
    sandbox.reset_log()
    ran = singer.sync(settings, catalog=catalog)
    asked = [entry for entry in sandbox.log if entry.resource == "adAnalytics"]
    assert ran.status == 0
    assert int(requests) == pytest.approx(len(asked), abs=8)
    assert int(windows) >= 3
    taken = sum(
        e.rows * (len(str(e.query).split("fields=")[1].split("&")[0].split(","))) for e in asked
    )
    assert int(values.replace(",", "")) == pytest.approx(taken, rel=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("refused", ["impressions", "ACCOUNT,"])
def test_the_estimate_survives_a_refusal(sandbox: Sandbox, tmp_path: Path, refused: str) -> None:
    """A metric or a pivot that LinkedIn refuses does not make check say that reports fail."""

    def where(entry: Entry) -> bool:
        if refused == "impressions":
            return refused in entry.params.get("fields", ())
        return "ACCOUNT" in entry.params.get("pivots", ()) and len(entry.params["pivots"]) > 1

    sandbox.faults.add("refuse", path="/rest/adAnalytics", where=where, times=None)
    selection = dict.fromkeys(("ad_performance", "ad_analytics_by_account"))
    catalog = singer.catalog(selection)
    settings = singer.config(sandbox, start_date="2026-10-01")
    output = check(tmp_path, settings, catalog=catalog)
    text = output.stdout.decode()
    assert output.status == 0, text
    assert "all 2 selected streams will work" in text
    lines = [line.split() for line in text.splitlines() if line.strip().startswith("ad_")]
    assert {line[0] for line in lines if line[-1] not in {"0", "-"}} >= {*selection}


@pytest.mark.slow
def test_check_sends_few_requests_and_changes_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """Reading only, and less than a hundred times."""
    check(tmp_path, sandbox.config())
    assert len(sandbox.log) < 100
    assert {e.method for e in sandbox.log} <= {"GET", "POST"}
    assert all(e.method == "GET" or e.tunnelled for e in sandbox.log if e.resource != "oauth")
    assert json.dumps([e.query for e in sandbox.log])


def test_meltano_knows_the_commands() -> None:
    """Every command of meltano.yml is one of the tap's, and the other way round."""
    plugins = yaml.safe_load((singer.ROOT / "meltano.yml").read_text())["plugins"]
    commands = plugins["extractors"][0]["commands"]
    group = TapLinkedInAds.get_singer_command()
    assert isinstance(group, click.Group)
    assert set(commands) == set(group.commands)
    for name, command in commands.items():
        assert command["args"].split() == ["--config=ENV", name]
        assert command["description"]
