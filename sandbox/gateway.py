"""The way of a request: size, version, token, scope, route, method, parameters, answer.

The order of refusals follows LinkedIn's gateway as far as it is known: a request that is wrong in
two ways gets the answer of the earlier check.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox import faults as faults_
from sandbox import restli, rules, versions
from sandbox.log import Entry, Log
from sandbox.oauth import OAuth
from sandbox.request import Answer, Memory, Request, Switches
from sandbox.resources import COMPOUND_KEYS, ENDPOINTS, PATH_URNS, Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.tokens import Token
    from sandbox.world import World

MAX_QUERY = 4096
MAX_URL = 8192
MAX_SEGMENT = 4096
MAX_HEAD = 28 * 1024
_FORM = "application/x-www-form-urlencoded"
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
        self.oauth = OAuth(switches)
        self.faults = faults_.Faults()
        self.log = Log()
        self.memory = Memory()

    def handle(
        self, entry: Entry, target: str, headers: Mapping[str, str], body: bytes, head: int
    ) -> Answer:
        """Answer one request.

        Args:
            entry: Its log entry.
            target: Path and query as sent.
            headers: Headers by lower-case name.
            body: The body.
            head: Size of request line and headers.

        Returns:
            The answer; refusals are recorded in the entry.
        """
        entry.headers = {n: v for n, v in headers.items() if n != "authorization"}
        entry.version = headers.get("linkedin-version", "")
        try:
            return self._answer(entry, target, headers, body, head)
        except rules.Refusal as refusal:
            entry.rule = refusal.rule
            entry.message = str(refusal.body.get("message") or refusal.body.get("error", ""))
            return Answer(
                refusal.status, json.dumps(refusal.body).encode(), headers=refusal.headers
            )

    def _answer(
        self, entry: Entry, target: str, headers: Mapping[str, str], body: bytes, head: int
    ) -> Answer:
        path, _, query = target.partition("?")
        if path.startswith("/oauth/v2/"):
            entry.resource = "oauth"
            entry.finder = path.removeprefix("/oauth/v2/")
            answer = self.oauth.serve(entry.method, target, headers, body)
            for fault in self.faults.due(entry):
                answer = self._spoiled(fault, None, answer)
            return answer
        _check_size(entry.method, target, head)
        if entry.method not in ("GET", "HEAD") and "content-length" not in headers:
            raise rules.legacy("length_required", 411, "Content-Length is required")
        entry.tunnelled = entry.method == "POST" and "x-http-method-override" in headers
        entry.query = body.decode("latin-1") if entry.tunnelled else query
        version = versions.check(headers.get("linkedin-version"), self.world.today)
        token = self.oauth.check(headers.get("authorization"))
        request = self._request(entry, path, query, headers, body, version, token)
        return self._serve(request)

    # -- from text to a validated request -----------------------------------------------------

    def _request(
        self,
        entry: Entry,
        path: str,
        url_query: str,
        headers: Mapping[str, str],
        body: bytes,
        version: int,
        token: Token,
    ) -> Request:
        candidates, texts = _route(path)
        if candidates:
            entry.resource = candidates[0].resource
            wanted = _wanted(candidates, entry.query)
            entry.finder = wanted.finder or wanted.method
            if not set(token.scopes) & set(wanted.scopes):
                raise rules.legacy(
                    "scope_missing",
                    403,
                    f"Not enough permissions to access: {wanted.scope_text}.{version}01",
                    serviceErrorCode=100,
                    code="ACCESS_DENIED",
                )
        candidates = [endpoint for endpoint in candidates if endpoint.since <= version]
        if not candidates:
            if re.match(r"/rest/creatives(/|$)", path):
                raise rules.legacy(
                    "creatives_moved",
                    400,
                    "All api calls to creative endpoints have been modified to include "
                    "advertiser account id in the url path",
                )
            raise rules.legacy(
                "unknown_resource", 404, "No virtual resource found", code="RESOURCE_NOT_FOUND"
            )
        _check_method(entry, url_query, headers, body)
        protocol = headers.get("x-restli-protocol-version", "1.0.0").strip()
        if protocol not in ("1.0.0", "2.0.0"):
            raise rules.legacy("protocol_unknown", 400, f"Unknown protocol version {protocol}")
        keys = {name: _key(name, text) for name, text in texts.items()}
        raw = restli.split_query(entry.query)
        endpoint = _choose(candidates, raw, keyed=path_is_keyed(candidates[0]))
        entry.finder = endpoint.finder or endpoint.method
        self._check_restli_method(endpoint, headers.get("x-restli-method"))
        request = Request(
            self.world,
            self.switches,
            endpoint,
            path,
            keys,
            {},
            None,
            version,
            raw,
            entry,
            self.memory,
        )
        _read_params(request, protocol)
        return request

    def _check_restli_method(self, endpoint: Endpoint, sent: str | None) -> None:
        if sent is None:
            if endpoint.needs_method and self.switches.creatives_need_method:
                raise rules.legacy(
                    "restli_method_missing",
                    400,
                    f"X-RestLi-Method: {endpoint.method} is required",
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
            answer = faults_.instead(fault)
            if answer is not None:
                return answer
            if fault.kind in ("reset", "hang"):
                return faults_.broken_off(fault)
        answer = Answer(200, self._body(request))
        for fault in due:
            answer = self._spoiled(fault, request, answer)
        return answer

    @staticmethod
    def _spoiled(fault: faults_.Fault, request: Request | None, answer: Answer) -> Answer:
        if fault.kind == "delay":
            answer.seconds += fault.options.get("seconds", 1.0)
            return answer
        replaced = faults_.instead(fault)
        if replaced is not None:
            return replaced
        if fault.kind in ("reset", "hang"):
            return faults_.broken_off(fault)
        if request is not None or fault.kind in ("truncate", "reset_inside"):
            faults_.spoil(fault, request, answer)
        return answer

    def _body(self, request: Request) -> bytes:
        served: Any = request.endpoint.serve(request)
        if isinstance(served, list):
            # adAnalytics rows come as JSON text already; the paging block means nothing.
            request.entry.rows = len(served)
            paging = _DEFAULT_PAGING
            if self.switches.next_link and served:
                link = json.dumps(faults_.next_link(request))
                paging = f'"paging":{{"count":10,"start":0,"links":[{link}]}}'
            return f'{{{paging},"elements":[{",".join(served)}]}}'.encode()
        if isinstance(served, tuple):
            rows, envelope = served
            request.entry.rows = len(rows)
            served = {**envelope, "elements": rows}
        else:
            request.entry.rows = len(served.get("results", (1,)))
        return json.dumps(served, separators=(",", ":"), ensure_ascii=False).encode()


def _check_size(method: str, target: str, head: int) -> None:
    path, _, query = target.partition("?")
    too_long = (
        len(target) > MAX_URL
        or head > MAX_HEAD
        or any(len(segment) > MAX_SEGMENT for segment in path.split("/"))
        or (method == "GET" and len(query) > MAX_QUERY)
    )
    if too_long:
        raise rules.legacy("uri_too_long", 414, "Request-URI Too Long", code="REQUEST_URI_TOO_LONG")


def _check_method(entry: Entry, url_query: str, headers: Mapping[str, str], body: bytes) -> None:
    if entry.method == "GET":
        if body:
            raise rules.legacy("get_body", 400, "A GET request has no body")
        return
    if not entry.tunnelled:
        raise rules.legacy(
            "method_not_allowed", 405, f"{entry.method} is not supported by the resource"
        )
    if headers["x-http-method-override"].strip().upper() != "GET":
        raise rules.legacy("tunnel_override", 405, "Overridden method is not supported")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise rules.legacy("tunnel_content_type", 400, f"Content-Type must be {_FORM}")
    if url_query:
        raise rules.legacy("tunnel_query", 400, "A tunnelled request has no query in its URL")


def _route(path: str) -> tuple[list[Endpoint], dict[str, str]]:
    """Return the endpoints of a path and the texts of its keys."""
    if not path.startswith("/rest/"):
        return [], {}
    segments = path.removeprefix("/rest/").split("/")
    found: list[Endpoint] = []
    keys: dict[str, str] = {}
    for endpoint in ENDPOINTS:
        template = endpoint.path.split("/")
        if len(template) != len(segments):
            continue
        texts: dict[str, str] = {}
        for part, segment in zip(template, segments, strict=True):
            if part.startswith("{") and segment:
                texts[part[1:-1]] = segment
            elif part != segment:
                break
        else:
            found.append(endpoint)
            keys = texts
    return found, keys


def path_is_keyed(endpoint: Endpoint) -> bool:
    """Tell whether a path ends in a key, that is, names one entity."""
    return endpoint.path.endswith("}")


def _wanted(candidates: list[Endpoint], query: str) -> Endpoint:
    """Guess the endpoint before the query is checked, for scopes and logs."""
    for endpoint in candidates:
        if endpoint.finder and re.search(rf"(?:^|&)q={endpoint.finder}(?:&|$)", query):
            return endpoint
    return candidates[0]


def _choose(candidates: list[Endpoint], raw: dict[str, str], *, keyed: bool) -> Endpoint:
    if keyed:
        return candidates[0]
    if "q" in raw:
        for endpoint in candidates:
            if endpoint.finder == raw["q"] and endpoint.finder:
                return endpoint
        raise rules.legacy("unknown_finder", 400, "Invalid query parameters passed to request")
    if "ids" in raw:
        for endpoint in candidates:
            if endpoint.method == "BATCH_GET":
                return endpoint
    raise rules.legacy("no_finder", 400, "Invalid query parameters passed to request")


def _key(name: str, text: str) -> Any:
    syntax = rules.legacy("path_syntax", 400, "Syntax exception in path variables")
    try:
        node = restli.parse(text)
    except restli.EncodingError as error:
        raise syntax from error
    if name in COMPOUND_KEYS:
        if not isinstance(node, dict):
            raise syntax
        return COMPOUND_KEYS[name].read(name, node)
    if not isinstance(node, str):
        raise syntax
    if name in PATH_URNS:
        return PATH_URNS[name].read(name, node)
    if re.fullmatch(r"\d{1,18}", node, re.ASCII) is None:
        raise rules.legacy(
            "path_key_type", 400, f"Key value '{node}' must be of type 'java.lang.Long'"
        )
    return int(node)


def _read_params(request: Request, protocol: str) -> None:
    endpoint, raw = request.endpoint, request.raw
    if protocol == "1.0.0":
        structured = any(re.search(r"[(\[]|%28", f"{n}={t}") for n, t in raw.items())
        if not endpoint.protocol_1 or structured:
            raise rules.legacy(
                "protocol_1_unsupported", 400, "Invalid query parameters passed to request"
            )
    for name, text in raw.items():
        if name == "q" and endpoint.finder:
            continue
        if name == "fields":
            request.fields = _read_fields(endpoint, text)
            continue
        declared = endpoint.params.get(name)
        if declared is None:
            raise rules.not_allowed(name)
        try:
            node = restli.parse(text)
        except restli.EncodingError as error:
            raise rules.invalid(name) from error
        request.entry.params[name] = node
        request.params[name] = declared.read(name, node)
    if request.fields is not None:
        request.entry.params["fields"] = list(request.fields)
    for name in endpoint.required:
        if name not in request.params:
            raise rules.required(name)


def _read_fields(endpoint: Endpoint, text: str) -> restli.Projection:
    try:
        fields = restli.parse_fields(text)
    except restli.EncodingError as error:
        raise rules.legacy("fields_name", 400, "Invalid 'fields' parameter") from error
    if endpoint.schema is not None and not endpoint.schema >= set(fields):
        raise rules.legacy("fields_name", 400, "Invalid 'fields' parameter")
    return fields
