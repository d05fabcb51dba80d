"""Sends the questions of ``check --contract``: as they are, once, without the tap's own client."""

from __future__ import annotations

import functools
import typing as t

import requests

from tap_linkedin_ads.api import oauth
from tap_linkedin_ads.cli.contract.questions import Answer

if t.TYPE_CHECKING:
    from tap_linkedin_ads.cli.contract.questions import Call
    from tap_linkedin_ads.sync.run import Run


class Asker:
    """Sends one GET after the other, with exactly the headers that a question wants."""

    def __init__(self, run: Run) -> None:
        """Ask with the settings of a run."""
        self._settings = run.settings
        self._client = run.client
        self._tokens = run.tokens
        self._session = requests.Session()
        self._session.auth = oauth.with_nothing_added

    def __call__(self, call: Call) -> Answer:
        """Send a request; a missing answer has status 0.

        The usual API version follows on as it does in a run.

        Raises:
            RequestFailedError: There is no access token to be had.
        """
        usual = self._client.version.current
        answer = self._send(call, usual)
        if call.version is None and answer.status == requests.codes.upgrade_required:
            answers = functools.partial(self._client.answers, stream="check")
            if self._client.version.follow_on(usual, answers):
                return self._send(call, self._client.version.current)
        return answer

    def _send(self, call: Call, usual_version: str) -> Answer:
        settings = self._settings
        token = self._tokens.current().value if call.token is None else call.token
        version = usual_version if call.version is None else call.version
        headers = {
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
            "User-Agent": settings.user_agent,
            "LinkedIn-Version": version,
            "X-RestLi-Method": call.method or "",
            "Authorization": f"Bearer {token}" if token else "",
        }
        url = f"{settings.api_url}/rest{call.path}"
        try:
            response = self._session.get(
                f"{url}?{call.query}" if call.query else url,
                headers={name: value for name, value in headers.items() if value},
                timeout=settings.request_timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return Answer(0, {"message": f"no answer ({type(error).__name__})"})
        try:
            return Answer(response.status_code, response.json())
        except ValueError:
            return Answer(response.status_code)
