"""Tokens and secrets stay where they belong: in one header, in one form, in memory.

The cells of ``test_fault_matrix.py`` look for them, too, in everything that each fault leaves.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import logging
import re
import ssl
import time
import typing as t
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tap_linkedin_ads.api import responses, transport
from tap_linkedin_ads.api.pagination import CursorPages, IndexPages, rows_of
from tap_linkedin_ads.api.request import Request
from tap_linkedin_ads.sync import notices
from tests import singer
from tests.callers import ACCOUNTS, Caller
from tests.scripted import Scripted, page

if t.TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.singer import Json

SELECTION: dict[str, t.Any] = {"campaigns": None, "ad_performance": ["impressions"]}


def refreshing(sandbox: Sandbox, **settings: t.Any) -> Json:  # noqa: ANN401
    """Return settings that fetch access tokens."""
    config = {**singer.config(sandbox, **settings), **sandbox.credentials()}
    del config["access_token"]
    return config


def secrets_of(sandbox: Sandbox) -> list[str]:
    """Return every token and secret there is."""
    tokens = [*sandbox.oauth._tokens, *sandbox.oauth._refresh]
    return [*tokens, sandbox.client_secret]


def leaks(sandbox: Sandbox, *texts: str) -> list[str]:
    """Return the beginnings of secrets that stand in a text, whole or in part."""
    everything = "\n".join(texts)
    return [secret[:6] for secret in secrets_of(sandbox) if secret[:24] in everything]


@pytest.mark.slow
def test_nothing_that_a_run_leaves_behind_holds_a_secret(sandbox: Sandbox, tmp_path: Path) -> None:
    """Output, log of every level, state and files: with refreshes, retries and refusals."""
    config = refreshing(sandbox, start_date="2026-11-01")
    sandbox.faults.add("revoked_token", path="/rest/adAccounts", nth=2)
    sandbox.faults.add("reset", path="/rest/adAccounts/", nth=2)
    sandbox.faults.add("throttle", path="/rest/adAnalytics", unit="DAY", times=None)
    sandbox.faults.add("truncate", path="/oauth")
    command = singer.arguments(tmp_path, config, singer.catalog(SELECTION))
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    output = singer.run(command, LOGLEVEL="DEBUG", TAP_LINKEDIN_ADS_LOGLEVEL="DEBUG")
    assert output.status == 3, output.stderr
    assert "urllib3" in output.stderr
    assert not leaks(sandbox, output.stdout.decode(), output.stderr)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files
    urls = [entry.path + entry.query for entry in sandbox.log if entry.resource != "oauth"]
    assert not leaks(sandbox, *urls, *(str(entry.headers) for entry in sandbox.log))


@pytest.mark.slow
def test_the_process_list_holds_no_secret(sandbox: Sandbox, tmp_path: Path) -> None:
    """Settings come from files or the environment, never from the command line."""
    sandbox.switches.latency_ms = 200
    command = singer.arguments(tmp_path, refreshing(sandbox), singer.catalog(SELECTION))
    with singer.start(command) as process:
        while not len(sandbox.log) and process.poll() is None:
            time.sleep(0.02)
        line = Path(f"/proc/{process.pid}/cmdline")
        if not line.exists():
            pytest.skip("this system shows no command lines")
        assert not leaks(sandbox, line.read_text())


def test_objects_do_not_show_secrets(sandbox: Sandbox) -> None:
    """What a debugger or an error message prints of the tap's objects is harmless."""
    caller = Caller(refreshing(sandbox))
    caller.fetch()
    run = caller.run
    shown = [
        run,
        run.settings,
        run.settings.credentials,
        run.tokens,
        run.client,
        run.tokens._current,
    ]
    assert not leaks(sandbox, *map(repr, shown), *map(str, shown))


@pytest.mark.refused("oauth_client", "oauth_refresh")
@pytest.mark.parametrize("wrong", ["client_secret", "refresh_token"])
def test_a_refused_exchange_repeats_no_secret(
    sandbox: Sandbox, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The message says what to check; the values stay hidden, also wrong ones."""
    caplog.set_level(logging.DEBUG)
    caller = Caller({**refreshing(sandbox), wrong: "made-up-and-wrong-value"})
    error = caller.fails()
    said = str(error) + repr(error.failure) + caplog.text + "".join(caller.logged)
    assert wrong in said
    assert "made-up-and-wrong-value" not in said
    assert not leaks(sandbox, said)


@pytest.mark.parametrize(
    "token", ["a b", "tökén", "token\nX-Injected: 1", "Bearer abc", " padded", "\x00"]
)
@pytest.mark.parametrize("name", ["access_token", "refresh_token", "client_secret"])
def test_a_secret_that_no_header_can_hold_is_refused_unseen(name: str, token: str) -> None:
    """Settings are wrong before the first request, and the value is not repeated."""
    config = {"client_id": "id", "client_secret": "cs", name: token}
    if name == "client_secret":
        config["refresh_token"] = "rt"
    output = singer_settings(config)
    assert any(line.startswith(f"{name}: (hidden)") for line in output)
    assert token not in " ".join(output)


def singer_settings(config: Json) -> list[str]:
    """Return what the tap says of wrong settings."""
    from singer_sdk.exceptions import ConfigValidationError  # noqa: PLC0415

    with singer._signals_kept(), pytest.raises(ConfigValidationError) as raised:
        singer.TapLinkedInAds(config=config)
    return list(raised.value.errors)


def certificate(folder: Path) -> Path:
    """Write a certificate that nobody trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.linkedin.example")])
    now = dt.datetime.now(dt.timezone.utc)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_certificate_that_nobody_trusts_gets_no_token(tmp_path: Path) -> None:
    """TLS is verified: no request, and with it no token, leaves for a host that is not proven."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    with Scripted(lambda _: page([]), tls) as impostor:
        caller = Caller({"access_token": "made-up-token", "api_url": impostor.url})
        error = caller.fails()
        refresh = {"client_id": "i", "client_secret": "s", "refresh_token": "r"}
        other = Caller({**refresh, "oauth_url": impostor.url}).fails()
    assert "the certificate of the other end is not trusted" in str(error)
    assert "the certificate of the other end is not trusted" in str(other)
    assert {error.failure.status, other.failure.status} == {0}
    assert impostor.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_certificates_of_a_proxy_are_trusted_where_they_are_named(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variables of requests or of OpenSSL, for the API and for tokens."""
    file = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(file))
    token = b'{"access_token": "new", "expires_in": 60}'

    def answer(path: str) -> t.Any:  # noqa: ANN401
        return (200, token, {}) if "accessToken" in path else page([])

    with Scripted(answer, tls) as proxy:
        refresh = {"client_id": "i", "client_secret": "s", "refresh_token": "r"}
        caller = Caller({**refresh, "oauth_url": proxy.url, "api_url": proxy.url})
        caller.fetch()
    assert len(proxy.seen) == 2


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_are_not_there_are_told(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a wrong setting, before the first request."""
    monkeypatch.setenv(variable, "/nowhere/proxy.pem")
    (line,) = singer_settings({"access_token": "token"})
    assert line.startswith(f"{variable} in the environment is /nowhere/proxy.pem")


def test_certificates_of_openssl_that_are_not_there_are_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As OpenSSL does: images set SSL_CERT_FILE to where some other distribution has them."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cert.pem")
    for name in transport.CERTIFICATES:
        monkeypatch.delenv(name, raising=False)
    assert transport._trusted() is True


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_secret_elsewhere(status: int) -> None:
    """Neither requests nor exchanges of tokens follow a redirect."""
    with Scripted(lambda _: page([])) as elsewhere:
        headers = {"Location": f"{elsewhere.url}/rest/adAccounts"}
        with Scripted(lambda _: (status, b"", headers)) as first:
            token = Caller({"access_token": "made-up-token", "api_url": first.url})
            token.fails()
            refresh = {"client_id": "i", "client_secret": "s", "refresh_token": "r"}
            Caller({**refresh, "oauth_url": first.url}).fails()
    assert elsewhere.seen == []


@pytest.mark.parametrize("link", ["{url}/rest/adAccountUsers?start=1&count=1", "//{host}/rest/x"])
def test_links_to_a_next_page_are_never_followed(link: str) -> None:
    """Only that there is a next page is taken from a link; where it leads to is not."""
    with Scripted(lambda _: page([])) as elsewhere:
        href = link.format(url=elsewhere.url, host=elsewhere.url.removeprefix("http://"))
        links = {"links": [{"rel": "next", "href": href}]}

        def answer(path: str) -> t.Any:  # noqa: ANN401
            return page([{"id": 1}], paging=links) if "start=0" in path else page([])

        with Scripted(answer) as linkedin:
            read_all(linkedin, IndexPages)
    assert elsewhere.seen == []
    assert len(linkedin.seen) == 2


def test_a_page_token_is_a_value_and_never_an_address() -> None:
    """A token that looks like a URL is sent back as a parameter, encoded."""
    with Scripted(lambda _: page([])) as elsewhere:
        token = f"{elsewhere.url}/rest/adAccounts?x=1&y=@evil"

        def answer(path: str) -> t.Any:  # noqa: ANN401
            return page([]) if "pageToken" in path else page([1], metadata={"nextPageToken": token})

        with Scripted(answer) as linkedin:
            read_all(linkedin, CursorPages)
    assert elsewhere.seen == []
    assert re.search(r"pageToken=http%3A%2F%2F[^&/?]+$", linkedin.seen[1][0])


def read_all(server: Scripted, pages: type[CursorPages | IndexPages]) -> int:
    """Read all pages and return the number of rows."""
    caller = Caller({"access_token": "made-up-token", "api_url": server.url})
    walk = pages(caller.client, ACCOUNTS, 1)
    return len(list(rows_of(walk, caller.run.workers)))


def test_a_netrc_file_adds_no_password_to_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor to the token endpoint and introspection, while proxies of the environment count."""
    (tmp_path / "netrc").write_text("default login me password from-netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    body = {"access_token": "made-up-token", "expires_in": 60, "active": True}
    with Scripted(lambda _: (200, json.dumps(body).encode(), {})) as server:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, server.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        oauth_url = "http://oauth.invalid/oauth/v2"
        credentials = {"client_id": "x", "client_secret": "y", "refresh_token": "z"}
        caller = Caller({**credentials, "oauth_url": oauth_url})
        assert caller.run.tokens.current().value == "made-up-token"
        assert notices.introspected(oauth_url, ("x", "y"), "made-up-token", 5)["active"]
    assert len(server.seen) == 2
    assert all(path.startswith("http://oauth.invalid/") for path, _ in server.seen)
    assert not any("Authorization" in headers for _, headers in server.seen)


def test_a_netrc_file_adds_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that the machine keeps for a host is not sent along."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password from-netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Scripted(lambda _: page([])) as server:
        caller = Caller({"access_token": "made-up-token", "api_url": server.url})
        caller.client.fetch(Request("adAccounts", "/adAccounts"), responses.finder)
        transport.post(f"{server.url}/oauth/v2/accessToken", {"client_secret": "made-up"}, 5)
    assert server.seen[0][1]["Authorization"] == "Bearer made-up-token"
    assert "Authorization" not in server.seen[1][1]


def test_settings_in_the_log_are_hidden(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The SDK's own debug lines about settings show no secret."""
    caplog.set_level(logging.DEBUG)
    output = singer.sync(refreshing(sandbox), catalog=singer.catalog({"campaigns": ["name"]}))
    assert output.status == 0
    assert not leaks(sandbox, caplog.text, json.dumps(output.state))
