"""Sends the questions of ``check --contract``: as they are and once, without retries."""

from __future__ import annotations

import functools
import json
import typing as t

import requests

from tap_linkedin_ads.cli.contract.questions import Answer

if t.TYPE_CHECKING:
    from tap_linkedin_ads.cli.contract.questions import Call
    from tap_linkedin_ads.sync.run import Run


class Asker:
    """Sends one GET after the other, with exactly the headers that a question wants."""

    def __init__(self, run: Run) -> None:
        self._client = run.client
        self._tokens = run.tokens

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
        try:
            reply = self._client.transport.send(
                call.path,
                call.query,
                token=self._tokens.current().value if call.token is None else call.token,
                version=usual_version if call.version is None else call.version,
                restli_method=call.method,
            )
        except requests.RequestException as error:
            return Answer(0, {"message": f"no answer ({type(error).__name__})"})
        try:
            return Answer(reply.status, json.loads(reply.body.content() if reply.body else b""))
        except ValueError:
            return Answer(reply.status)
