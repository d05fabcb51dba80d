"""``login``: the member's consent in a browser, and the settings that come of it."""

from __future__ import annotations

import contextlib
import html
import re
import socket
import stat
import subprocess
import time
import typing as t
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tap_linkedin_ads.cli.login import env_file, pages
from tap_linkedin_ads.cli.login.consent import Consent, LinkedInApp, LoginError, TokenAnswer
from tests import browser, pictures, singer
from tests.processes import started

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox import Sandbox

APP = LinkedInApp("86abc", "WPL_AP1.secret==")
REDIRECT = "http://localhost:8723/callback"
ADS = "r_ads r_ads_reporting"
TOKENS = {"access_token": "AT", "expires_in": 5184000, "scope": "r_ads,r_ads_reporting"}


# The flow by itself


def consent(
    answer: TokenAnswer | None = None, sent: list[Mapping[str, str]] | None = None
) -> Consent:
    """Return an attempt whose token endpoint gives one answer and notes what it was sent."""

    def post(url: str, form: Mapping[str, str]) -> TokenAnswer:
        assert url == "https://www.linkedin.com/oauth/v2/accessToken"
        if sent is not None:
            sent.append(form)
        return answer or TokenAnswer(200, TOKENS)

    return Consent(
        APP,
        ADS.split(),
        redirect_uri=REDIRECT,
        oauth_url="https://www.linkedin.com/oauth/v2",
        post=post,
        state="the-state",
    )


def test_the_consent_page_is_asked_for_as_linkedin_documents_it() -> None:
    """Scopes are separated by %20, and the secret is not in the address."""
    url = consent().url
    assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?response_type=code&")
    assert "scope=r_ads%20r_ads_reporting" in url
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [REDIRECT]
    assert APP.client_secret not in url


def test_every_attempt_has_a_state_of_its_own() -> None:
    """Nobody can guess the state: 32 random bytes."""
    states = set()
    for _ in range(10):
        one = Consent(
            APP,
            ["r_ads"],
            redirect_uri=REDIRECT,
            oauth_url="https://x",
            post=lambda *_: TokenAnswer(200, {}),
        )
        states.add(parse_qs(urlsplit(one.url).query)["state"][0])
    assert len(states) == 10
    assert all(len(state) >= 43 for state in states)


@pytest.mark.parametrize(
    ("query", "belongs"),
    [
        ({"state": ["the-state"], "code": ["c"]}, True),
        ({"state": ["another"], "code": ["c"]}, False),
        ({"state": ["the-state", "the-state"]}, False),
        ({"state": ["ünïcode"]}, False),
        ({"code": ["c"]}, False),
    ],
)
def test_only_an_answer_with_the_state_counts(
    query: dict[str, list[str]], *, belongs: bool
) -> None:
    """A call-back without this attempt's state, or with two, belongs to somebody else."""
    assert consent().is_answer(query) is belongs


def test_a_code_buys_tokens_with_what_linkedin_wants() -> None:
    """The form repeats the redirect URL; the grant knows scopes and lives."""
    sent: list[Mapping[str, str]] = []
    body = {**TOKENS, "refresh_token": "RT", "refresh_token_expires_in": 31536000}
    grant = consent(TokenAnswer(200, body), sent).redeem({"code": ["the-code"]})
    assert sent == [
        {
            "grant_type": "authorization_code",
            "code": "the-code",
            "redirect_uri": REDIRECT,
            "client_id": "86abc",
            "client_secret": "WPL_AP1.secret==",
        }
    ]
    assert grant.scopes == ("r_ads", "r_ads_reporting")
    assert grant.settings == {
        "client_id": "86abc",
        "client_secret": "WPL_AP1.secret==",
        "refresh_token": "RT",
    }
    assert "RT" not in repr(grant)
    assert "secret" not in repr(grant)


def test_without_a_refresh_token_the_access_token_is_the_setting() -> None:
    """LinkedIn gives refresh tokens to approved apps only."""
    settings = consent().redeem({"code": ["c"]}).settings
    assert settings["access_token"] == "AT"
    assert "refresh_token" not in settings


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"error": ["user_cancelled_login"]}, "nobody signed in"),
        ({"error": ["user_cancelled_authorize"]}, "did not allow"),
        ({"error": ["unauthorized_scope_error"], "error_description": ["No"]}, "Products tab"),
        ({"error": ["something_new"], "error_description": ["Why not"]}, "something_new: Why not"),
        ({}, "neither a code nor an error"),
        ({"code": ["one", "two"]}, "neither a code nor an error"),
    ],
)
def test_refusals_are_said_in_words(query: dict[str, list[str]], said: str) -> None:
    """What LinkedIn sends back instead of a code becomes advice; no token is asked for."""
    sent: list[Mapping[str, str]] = []
    with pytest.raises(LoginError, match=said):
        consent(sent=sent).redeem(query)
    assert not sent


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"error": "invalid_client", "error_description": "Client"}, "check client_id"),
        (400, {"error": "invalid_redirect_uri"}, re.escape(REDIRECT)),
        (
            401,
            {"error": "invalid_request", "error_description": "code not found"},
            "code works once",
        ),
        (502, {}, "HTTP 502"),
        (200, {"access_token": None}, "gave no tokens"),
    ],
)
def test_a_refused_code_is_said_in_words(status: int, body: dict[str, t.Any], said: str) -> None:
    """What the token endpoint refuses becomes advice."""
    with pytest.raises(LoginError, match=said):
        consent(TokenAnswer(status, body)).redeem({"code": ["c"]})


def test_pages_show_foreign_text_as_text() -> None:
    """What LinkedIn (or a forger) sends is never markup."""
    assert "<script>" not in pages.refused("<script>alert(1)</script>")
    assert "<script>" not in pages.granted(("<script>",))


# .env


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("AQ-x_1~.y", "AQ-x_1~.y"),
        ("WPL_AP1.a==", "WPL_AP1.a=="),
        ("a b#c", "'a b#c'"),
        ("it's", r"'it\'s'"),
    ],
)
def test_env_lines_are_quoted_where_needed(value: str, line: str) -> None:
    """Values with blanks, hashes or quotes survive the reading of .env."""
    assert env_file.lines({"client_secret": value}) == f"TAP_LINKEDIN_ADS_CLIENT_SECRET={line}\n"


def test_env_file_is_for_its_owner(tmp_path: Path) -> None:
    """Mode 0600 whatever the umask; a file that is there stays, unless forced."""
    path = tmp_path / ".env"
    env_file.write(path, "A=1\n", force=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(env_file.FileExistsAlreadyError, match="--force"):
        env_file.write(path, "A=2\n", force=False)
    assert path.read_text() == "A=1\n"
    path.chmod(0o644)
    env_file.write(path, "A=3\n", force=True)
    assert path.read_text() == "A=3\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


# The command, with a browser made of HTTP requests


class Login:
    """A running ``tap-linkedin-ads login``."""

    def __init__(
        self,
        sandbox: Sandbox,
        running: contextlib.ExitStack,
        *options: str,
        **variables: str,
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.variables = {
            "TAP_LINKEDIN_ADS_CLIENT_ID": sandbox.client_id,
            "TAP_LINKEDIN_ADS_CLIENT_SECRET": sandbox.client_secret,
            "TAP_LINKEDIN_ADS_OAUTH_URL": sandbox.oauth_url,
            "TAP_LINKEDIN_ADS_API_URL": sandbox.url,
            **variables,
        }
        command = [*singer.COMMAND, "login", "--no-browser", f"--port={self.port}", *options]
        self.process = running.enter_context(
            started(
                command,
                cwd=singer.ROOT,
                env=singer.environment(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        self.said = ""
        assert self.process.stderr is not None
        while "/start/" not in self.said:
            line = self.process.stderr.readline()
            assert line, self.said
            self.said += line
        found = re.search(r"http://127\.0\.0\.1:\d+/start/\S+", self.said)
        assert found
        self.start_url = found.group()

    def end(self) -> tuple[int, str, str]:
        """Return status, stdout and stderr."""
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, self.said + err

    def at_linkedin(self) -> str:
        """Open the link; return where LinkedIn's page sends the browser."""
        page = requests.get(self.start_url, timeout=10, allow_redirects=False)
        assert page.status_code == 303
        answer = requests.get(page.headers["Location"], timeout=10, allow_redirects=False)
        if answer.is_redirect:
            return answer.headers["Location"]
        link = re.search('href="([^"]+)"', answer.text)
        assert link
        return html.unescape(link.group(1))


Start = t.Callable[..., Login]


@pytest.fixture
def login(sandbox: Sandbox) -> Iterator[Start]:
    """Start logins; those that still run are ended with the test."""
    with contextlib.ExitStack() as running:

        def start(*options: str, **variables: str) -> Login:
            return Login(sandbox, running, *options, **variables)

        yield start


def settings(text: str) -> dict[str, str]:
    """Read the lines of a .env file as environment variables."""
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.mark.slow
def test_login_yields_settings_that_work(login: Start, tmp_path: Path) -> None:
    """From the consent to a run with the settings that were printed; stdout holds nothing else."""
    running = login("--pages")
    page = requests.get(running.at_linkedin(), timeout=10)
    assert page.status_code == 200
    assert "You are logged in" in page.text
    assert "code=" not in page.url
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    status, out, err = running.end()
    assert status == 0, err
    assert list(settings(out)) == [
        "TAP_LINKEDIN_ADS_CLIENT_ID",
        "TAP_LINKEDIN_ADS_CLIENT_SECRET",
        "TAP_LINKEDIN_ADS_REFRESH_TOKEN",
    ]
    assert "365 days" in err
    assert "r_organization_social" in err
    command = [
        *singer.arguments(tmp_path, None, singer.catalog({"ad_accounts": None})),
        "--config=ENV",
    ]
    output = singer.run(command, **running.variables | settings(out))
    assert output.status == 0, output.stderr
    assert output.records("ad_accounts")


@pytest.mark.slow
def test_login_without_refresh_tokens_and_into_a_file(
    sandbox: Sandbox, login: Start, tmp_path: Path
) -> None:
    """The access token is written where LinkedIn gives nothing better; nothing goes to stdout."""
    sandbox.switches.refresh_tokens = False
    path = tmp_path / ".env"
    running = login("--output", str(path))
    requests.get(running.at_linkedin(), timeout=10)
    status, out, err = running.end()
    assert (status, out) == (0, "")
    assert "TAP_LINKEDIN_ADS_ACCESS_TOKEN" in settings(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "60 days" in err
    assert sandbox.client_secret not in err


@pytest.mark.slow
@pytest.mark.parametrize("what", ["login", "authorize"])
def test_a_member_who_cancels(sandbox: Sandbox, login: Start, what: str) -> None:
    """Browser and terminal say it, and the status is 1."""
    sandbox.switches.consent = f"cancel_{what}"
    running = login()
    page = requests.get(running.at_linkedin(), timeout=10)
    assert "No access" in page.text
    status, out, err = running.end()
    assert (status, out) == (1, "")
    assert f"user_cancelled_{what}" in err


@pytest.mark.slow
@pytest.mark.refused("oauth_scope")
def test_a_scope_that_the_app_may_not_ask_for(sandbox: Sandbox, login: Start) -> None:
    """One scope too many makes LinkedIn refuse them all: the products to request are named."""
    sandbox.oauth.scopes = ("r_ads", "r_ads_reporting")
    running = login("--leads")
    requests.get(running.at_linkedin(), timeout=10)
    status, _, err = running.end()
    assert status == 1
    assert "Lead Sync API" in err
    assert "r_marketing_leadgen_automation" in err


@pytest.mark.slow
@pytest.mark.refused("oauth_client")
def test_a_wrong_client_secret(login: Start) -> None:
    """What the token endpoint refuses is said, without the secret."""
    running = login(TAP_LINKEDIN_ADS_CLIENT_SECRET="not-the-secret")
    page = requests.get(running.at_linkedin(), timeout=10)
    assert "No access" in page.text
    status, _, err = running.end()
    assert status == 1
    assert "check client_id and client_secret" in err
    assert "not-the-secret" not in err + page.text


@pytest.mark.slow
def test_a_forged_answer_changes_nothing(login: Start) -> None:
    """A call-back with another state is refused, and the login goes on."""
    running = login()
    target = running.at_linkedin()
    forged = target.split("?")[0] + "?code=AQforged&state=forged"
    assert requests.get(forged, timeout=10).status_code == 400
    assert requests.get(forged, headers={"Host": "evil.example"}, timeout=10).status_code == 421
    assert requests.get(target, timeout=10).status_code == 200
    status, out, _ = running.end()
    assert status == 0
    assert out


@pytest.mark.slow
def test_link_and_answer_count_once(sandbox: Sandbox, login: Start) -> None:
    """The start link leads to LinkedIn once, and a code is never sent twice."""
    running = login()
    ahead = requests.get(running.start_url, headers={"Sec-Purpose": "prefetch"}, timeout=10)
    assert ahead.status_code == 404
    target = running.at_linkedin()
    assert requests.get(running.start_url, timeout=10).status_code == 410
    first = requests.get(target, timeout=10, allow_redirects=False)
    assert (first.status_code, first.headers["Location"]) == (303, "/done")
    assert requests.get(target, timeout=10, allow_redirects=False).status_code == 410
    assert running.end()[0] == 0
    assert len([entry for entry in sandbox.log if entry.finder == "accessToken"]) == 1


@pytest.mark.slow
def test_nobody_comes_back(login: Start) -> None:
    """After the time-out the status is 1, with advice on the redirect URL."""
    running = login("--timeout=1")
    status, _, err = running.end()
    assert status == 1
    assert f"http://localhost:{running.port}/callback" in err
    assert "within 1 seconds" in err


@pytest.mark.slow
def test_only_loopback_listens(login: Start) -> None:
    """The server cannot be reached through another address of the machine."""
    running = login()
    listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    wanted = f":{running.port:04X} 00000000:0000 0A"
    lines = [line.split(":", 1)[1] for line in listening.splitlines() if wanted in line]
    assert all(line.strip().startswith("0100007F") for line in lines)


@pytest.mark.slow
def test_no_secret_on_a_command_line(sandbox: Sandbox, tmp_path: Path) -> None:
    """Neither the tap's command line nor the browser's holds a secret or the state."""
    seen = tmp_path / "seen"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$@" > {seen}\n')
    script.chmod(0o755)
    variables = {
        "TAP_LINKEDIN_ADS_CLIENT_ID": sandbox.client_id,
        "TAP_LINKEDIN_ADS_CLIENT_SECRET": sandbox.client_secret,
        "TAP_LINKEDIN_ADS_OAUTH_URL": sandbox.oauth_url,
        "BROWSER": str(script),
    }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*singer.COMMAND, "login", f"--port={port}", "--timeout=1"]
    output = singer.run(command, **variables)
    assert output.status == 1
    until = time.monotonic() + 60
    while not seen.exists() and time.monotonic() < until:
        time.sleep(0.05)
    address = seen.read_text()
    assert f"http://127.0.0.1:{port}/start/" in address
    assert sandbox.client_id not in address
    assert "state" not in address


@pytest.mark.slow
def test_wrong_settings_are_2(sandbox: Sandbox, tmp_path: Path) -> None:
    """A missing client id, a file that is there, a taken port: said before any consent."""
    command = [*singer.COMMAND, "login", "--no-browser"]
    missing = singer.run(command)
    assert missing.status == 2
    assert "TAP_LINKEDIN_ADS_CLIENT_ID" in missing.stderr
    variables = {
        "TAP_LINKEDIN_ADS_CLIENT_ID": sandbox.client_id,
        "TAP_LINKEDIN_ADS_CLIENT_SECRET": sandbox.client_secret,
    }
    there = tmp_path / ".env"
    there.write_text("KEEP=1\n")
    exists = singer.run([*command, "--output", str(there)], **variables)
    assert exists.status == 2
    assert "--force" in exists.stderr
    assert there.read_text() == "KEEP=1\n"
    for flags in ([], ["--force"]):
        nowhere = singer.run(
            [*command, "--output", str(tmp_path / "no" / ".env"), *flags], **variables
        )
        assert nowhere.status == 2
        assert "is no folder that you may write to" in nowhere.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = singer.run([*command, f"--port={port}"], **variables)
    assert busy.status == 1
    assert "--port" in busy.stderr
    assert "Traceback" not in missing.stderr + exists.stderr + busy.stderr


@pytest.mark.slow
def test_singer_flags_stay_where_they_are() -> None:
    """Discovery and --about work as before beside the new commands."""
    discovered = singer.run([*singer.COMMAND, "--discover"])
    assert discovered.status == 0
    assert b'"streams"' in discovered.stdout
    about = singer.run([*singer.COMMAND, "--about", "--format=json"])
    assert about.status == 0
    unknown = singer.run([*singer.COMMAND, "logon"])
    assert unknown.status == 2
    assert "No such command" in unknown.stderr


# A real browser


@pytest.mark.slow
@pytest.mark.refused("version_missing")  # the browser asks for a /favicon.ico as well
@pytest.mark.skipif(
    not (browser.CHROMIUM and browser.DRIVER), reason="Chromium or chromedriver is not installed"
)
def test_login_in_chromium(login: Start, tmp_path: Path) -> None:
    """Chromium goes through the consent page and ends on a page that says so."""
    running = login("--pages")
    with browser.browser(tmp_path / "profile") as window:
        window.open(running.start_url)
        window.wait_for_title("You are logged in")
        assert window.address == f"http://localhost:{running.port}/done"
        assert "r_organization_admin" in window.text
        assert window.screenshot.startswith(b"\x89PNG")
        pictures.write("login.png", window.screenshot)
    status, out, err = running.end()
    assert status == 0, err
    assert "TAP_LINKEDIN_ADS_REFRESH_TOKEN=" in out
