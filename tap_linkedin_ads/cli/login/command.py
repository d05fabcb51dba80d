"""``tap-linkedin-ads login``: the member's consent, and what to put into ``.env``."""

from __future__ import annotations

import sys
import typing as t
import webbrowser
from pathlib import Path

import click
import requests

from tap_linkedin_ads.api import transport
from tap_linkedin_ads.api.resources import PRODUCTS
from tap_linkedin_ads.cli.login import env_file
from tap_linkedin_ads.cli.login.consent import (
    Consent,
    Grant,
    LinkedInApp,
    LoginError,
    TokenAnswer,
)
from tap_linkedin_ads.cli.login.server import CALLBACK, HOST, ConsentServer
from tap_linkedin_ads.cli.options import config_input, say, wrong
from tap_linkedin_ads.settings.configuration import SettingsReader
from tap_linkedin_ads.sync.run_report import COMPLETE, PARTIAL

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_PORT = 8723
_HIGHEST_PORT = 65_535
_INTERRUPTED = 130
_TOKEN_SECONDS = 60.0
_DAY_SECONDS = 86_400


def command(environment: Callable[[], Mapping[str, t.Any]]) -> click.Command:
    """Return the command.

    Args:
        environment: Gives the settings that environment variables hold.
    """

    @click.command("login")
    @click.option("--pages", is_flag=True, help="Also ask for company pages and their posts.")
    @click.option("--leads", is_flag=True, help="Also ask for responses to lead forms.")
    @click.option(
        "--reactions", is_flag=True, help="Also ask for reactions to posts, as newer apps have to."
    )
    @click.option("--audiences", is_flag=True, help="Also ask for matched audiences.")
    @click.option(
        "--port",
        type=click.IntRange(1, _HIGHEST_PORT),
        default=DEFAULT_PORT,
        show_default=True,
        help="Port of the redirect URL. Register the URL for your LinkedIn app, to the letter.",
    )
    @click.option(
        "--redirect-host",
        type=click.Choice(["localhost", HOST]),
        default="localhost",
        show_default=True,
        help="Host of the redirect URL; the tap listens on 127.0.0.1 in either case.",
    )
    @click.option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the settings into this file, for you alone to read, instead of to stdout.",
    )
    @click.option("--force", is_flag=True, help="Replace the file of --output if it is there.")
    @click.option(
        "--timeout",
        type=click.FloatRange(min=1),
        default=300,
        show_default=True,
        help="Seconds to wait for the member.",
    )
    @click.option("--no-browser", is_flag=True, help="Only show the link; open no browser.")
    @click.pass_context
    def login(context: click.Context, /, **options: t.Any) -> None:  # noqa: ANN401
        """Let a member of LinkedIn give consent, and show the settings it yields.

        client_id and client_secret come from --config, the environment (or .env), or are asked
        for: a command line can be read by others. The member's browser has to run on this
        machine.
        """
        given = config_input(context)
        config = {**given.config, **(environment() if given.parse_env else {})}
        sys.exit(_log_in(config, **options))

    return login


def _log_in(  # noqa: PLR0913  one keyword an option
    config: Mapping[str, t.Any],
    *,
    port: int,
    redirect_host: str,
    output: Path | None,
    force: bool,
    timeout: float,
    no_browser: bool,
    **flags: bool,
) -> int:
    reader = SettingsReader(config)
    oauth_url = reader.get("oauth_url")
    if reader.errors:
        wrong(reader.errors[0])
    try:
        if output is not None:
            env_file.refuse_unfit(output, force=force)
    except (env_file.FileExistsAlreadyError, env_file.NoFolderError) as error:
        wrong(str(error))
    app = LinkedInApp(_credential(config, "client_id"), _credential(config, "client_secret"))
    products = [product for product in PRODUCTS if flags.get(product.option, True)]
    scopes = tuple(scope for product in products for scope in product.scopes)
    redirect_uri = f"http://{redirect_host}:{port}{CALLBACK}"
    consent = Consent(app, scopes, redirect_uri=redirect_uri, oauth_url=oauth_url, post=_post)
    try:
        with ConsentServer(consent, port) as server:
            _invite(server.start_url, redirect_uri, scopes, no_browser=no_browser)
            grant = server.wait(timeout)
        _hand_over(grant, output, force=force)
    except LoginError as error:
        say(f"No login: {error}.")
        return PARTIAL
    except OSError as error:
        say(f"No login: {error.filename}: {error.strerror}.")
        return PARTIAL
    except KeyboardInterrupt:
        say("No login: interrupted.")
        return _INTERRUPTED
    return COMPLETE


def _credential(config: Mapping[str, t.Any], name: str) -> str:
    """Return a setting of the app; ask for it where it is not set and somebody can answer."""
    nested = config.get("oauth_credentials")
    value = config.get(name) or (nested.get(name) if isinstance(nested, dict) else None)
    value = value or config.get(f"oauth_credentials.{name}")
    if not value:
        if not sys.stdin.isatty():
            wrong(
                f"{name} is not set; set {env_file.PREFIX}{name.upper()} in the environment or in "
                ".env, or name a config file with --config (before the word login)"
            )
        value = click.prompt(name, hide_input=name == "client_secret", err=True)
    return str(value).strip()


def _invite(
    start_url: str, redirect_uri: str, scopes: tuple[str, ...], *, no_browser: bool
) -> None:
    say(f"Scopes: {', '.join(scopes)}")
    say(f"Redirect URL, to be registered on the Auth tab of your LinkedIn app: {redirect_uri}")
    opened = False if no_browser else webbrowser.open(start_url)
    lead = "If no browser opens, open" if opened else "Open"
    say(f"{lead} this link on this machine; it works once:\n\n  {start_url}\n")


def _hand_over(grant: Grant, output: Path | None, *, force: bool) -> None:
    text = env_file.lines(grant.settings)
    if output is None:
        say("Put these lines into .env; whoever has them can read what you can:\n")
        click.echo(text, nl=False)
    else:
        try:
            env_file.write(output, text, force=force)
        except env_file.FileExistsAlreadyError as error:
            raise LoginError(str(error)) from None
        say(f"Wrote {output}, for you alone to read.")
    if grant.refresh_token:
        days = round((grant.refresh_expires_in or 0) / _DAY_SECONDS)
        say(f"The refresh token lasts {days} days; log in again before then.")
    else:
        days = round(grant.expires_in / _DAY_SECONDS)
        say(
            f"LinkedIn gives this app no refresh token. The access token lasts {days} days; log in "
            "again before then."
        )


def _post(endpoint: str, form: Mapping[str, str]) -> TokenAnswer:
    """Send the one request for tokens; a code is never sent twice."""
    try:
        response = transport.post(endpoint, form, _TOKEN_SECONDS)
    except requests.RequestException as error:
        raise LoginError(
            f"LinkedIn's token endpoint did not answer ({type(error).__name__}); log in again"
        ) from None
    try:
        body = response.json()
    except ValueError:
        body = None
    return TokenAnswer(response.status_code, body if isinstance(body, dict) else {})
