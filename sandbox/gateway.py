"""The way of a request: size, version, token, scope, route, method, parameters, answer.

The order of refusals follows LinkedIn's gateway as far as it is known: a request that is wrong in
two ways gets the answer of the earlier check.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox import routing
from sandbox.answers.reports import analytics, remembered
from sandbox.api import restli, rules, versions
from sandbox.api.log import Log
from sandbox.api.oauth import OAuth
from sandbox.api.request import Answer, Incoming, Memory, Request, Switches
from sandbox.testing import spoiling
from sandbox.testing.faults import Faults

if TYPE_CHECKING:
    from sandbox.api.request import Endpoint
    from sandbox.api.tokens import Token
    from sandbox.world.world import World

_DEFAULT_PAGING = '"paging":{"count":10,"start":0,"links":[]}'


class Gateway:
    """Turns requests into answers.

    Attributes:
        world: The data.
        switches: Readings and limits.
        oauth: Tokens.
        faults: Faults to play.
        log: What has happened.
        memory: State shared by requests.
    """

    def __init__(self, world: World, switches: Switches) -> None:
        """Wire the parts together."""
        self.world = world
        self.switches = switches
        self.oauth = OAuth(world.clock, switches)
        self.faults = Faults()
        self.log = Log()
        self.memory = Memory()

    def handle(self, incoming: Incoming) -> Answer:
        """Answer one request; refusals are recorded in its log entry."""
        entry = incoming.entry
        entry.headers = {n: v for n, v in incoming.headers.items() if n != "authorization"}
        entry.version = incoming.headers.get("linkedin-version", "")
        try:
            if entry.path.startswith("/oauth/v2/"):
                return self._serve_oauth(incoming)
            return self._serve(self._request(incoming))
        except rules.Refusal as refusal:
            entry.rule = refusal.rule or None
            entry.message = str(refusal.body.get("message") or refusal.body.get("error", ""))
            return Answer(
                refusal.status, json.dumps(refusal.body).encode(), headers=refusal.headers
            )

    def _serve_oauth(self, incoming: Incoming) -> Answer:
        entry = incoming.entry
        entry.resource, entry.finder = "oauth", entry.path.removeprefix("/oauth/v2/")
        answer = self.oauth.serve(incoming)
        for fault in self.faults.due(entry):
            replaced = spoiling.instead(fault)
            if replaced is not None:
                return replaced
            spoiling.spoil(fault, None, answer)
        return answer

    # -- from text to a validated request -----------------------------------------------------

    def _request(self, incoming: Incoming) -> Request:
        entry, headers = incoming.entry, incoming.headers
        routing.check_size(incoming)
        entry.tunnelled = entry.method == "POST" and "x-http-method-override" in headers
        entry.query = incoming.body.decode("latin-1") if entry.tunnelled else incoming.url_query
        version = versions.check(
            headers.get("linkedin-version"),
            self.world.today,
            old_versions=self.switches.old_versions,
        )
        token = self.oauth.check(headers.get("authorization"))
        candidates, texts = routing.route(entry.path)
        if candidates:
            entry.resource = candidates[0].resource
            wanted = routing.guess(candidates, entry.query)
            entry.finder = wanted.finder or wanted.method
            _check_scope(token, wanted, version)
        candidates = [endpoint for endpoint in candidates if endpoint.since <= version]
        if not candidates:
            raise _no_resource(entry.path)
        routing.check_method(incoming)
        if incoming.protocol not in {"1.0.0", routing.PROTOCOL}:
            raise rules.legacy(
                "protocol_unknown", 400, f"Unknown protocol version {incoming.protocol}"
            )
        keys = {name: routing.read_key(name, text) for name, text in texts.items()}
        raw = restli.split_query(entry.query)
        endpoint = routing.choose(candidates, raw)
        entry.finder = endpoint.finder or endpoint.method
        self._check_restli_method(endpoint, headers.get("x-restli-method"))
        old_forms = self.switches.protocol_1 and incoming.protocol != routing.PROTOCOL
        if not old_forms:
            routing.check_protocol(incoming, endpoint, raw)
        request = Request(
            world=self.world,
            switches=self.switches,
            endpoint=endpoint,
            path=entry.path,
            keys=keys,
            params={},
            fields=None,
            version=version,
            raw=raw,
            entry=entry,
            memory=self.memory,
        )
        routing.read_params(request, old_forms=old_forms)
        return request

    def _check_restli_method(self, endpoint: Endpoint, sent: str | None) -> None:
        if sent is None:
            if endpoint.needs_method and self.switches.creatives_need_method:
                raise rules.legacy(
                    "restli_method_missing", 400, f"X-RestLi-Method: {endpoint.method} is required"
                )
        elif sent.strip().upper() != endpoint.method:
            raise rules.legacy(
                "restli_method_mismatch",
                400,
                f"X-RestLi-Method {sent} does not match {endpoint.method}",
            )

    # -- from a request to an answer ----------------------------------------------------------

    def _serve(self, request: Request) -> Answer:
        due = self.faults.due(request.entry)
        for fault in due:
            replaced = spoiling.instead(fault)
            if replaced is not None:
                return replaced
        if self.switches.remember_answers and request.endpoint.resource == "adAnalytics":
            body = remembered.answer(request, lambda: self._body(request), analytics.spend)
        else:
            body = self._body(request)
        answer = Answer(200, body)
        for fault in due:
            spoiling.spoil(fault, request, answer)
        return answer

    def _body(self, request: Request) -> bytes:
        served: Any = request.endpoint.serve(request)
        if isinstance(served, list):
            # adAnalytics rows come as JSON text already; the paging block means nothing.
            request.entry.rows = len(served)
            paging = _DEFAULT_PAGING
            if self.switches.next_link and served:
                link = json.dumps(spoiling.next_link(request))
                paging = f'"paging":{{"count":10,"start":0,"links":[{link}]}}'
            return f'{{{paging},"elements":[{",".join(served)}]}}'.encode()
        if isinstance(served, tuple):
            rows, envelope = served
            request.entry.rows = len(rows)
            served = {**envelope, "elements": rows}
        else:
            request.entry.rows = len(served.get("results", (1,)))
        return json.dumps(served, separators=(",", ":"), ensure_ascii=False).encode()


def _check_scope(token: Token, endpoint: Endpoint, version: int) -> None:
    if endpoint.scopes and not set(token.scopes) & set(endpoint.scopes):
        raise rules.legacy(
            "scope_missing",
            403,
            f"Not enough permissions to access: {endpoint.scope_text}.{version}01",
            serviceErrorCode=100,
            code="ACCESS_DENIED",
        )


def _no_resource(path: str) -> rules.Refusal:
    if re.match(r"/rest/creatives(/|$)", path):
        return rules.legacy(
            "creatives_moved",
            400,
            "All api calls to creative endpoints have been modified to include advertiser "
            "account id in the url path",
        )
    return rules.legacy(
        "unknown_resource", 404, "No virtual resource found", code="RESOURCE_NOT_FOUND"
    )
