"""From the text of a request to an endpoint of the table and its parameters."""

# ruff: noqa: ANN401 - JSON and parameters may hold anything

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.answers.table import COMPOUND_KEYS, ENDPOINTS, PATH_KEYS
from sandbox.api import protocol_1, restli, rules

if TYPE_CHECKING:
    from sandbox.api.request import Endpoint, Incoming, Request

MAX_QUERY = 4096
MAX_URL = 8192
MAX_SEGMENT = 4096
MAX_HEAD = 28 * 1024
PROTOCOL = "2.0.0"
_FORM = "application/x-www-form-urlencoded"


def check_size(incoming: Incoming) -> None:
    """Refuse a request that is too long (414) or of unknown length (411)."""
    method, target = incoming.entry.method, incoming.target
    path, _, query = target.partition("?")
    too_long = (
        len(target) > MAX_URL
        or incoming.head > MAX_HEAD
        or any(len(segment) > MAX_SEGMENT for segment in path.split("/"))
        or (method == "GET" and len(query) > MAX_QUERY)
    )
    if too_long:
        raise rules.legacy("uri_too_long", 414, "Request-URI Too Long", code="REQUEST_URI_TOO_LONG")
    if method not in {"GET", "HEAD"} and "content-length" not in incoming.headers:
        raise rules.legacy("length_required", 411, "Content-Length is required")


def check_method(incoming: Incoming) -> None:
    """Refuse everything but GET and a well-formed tunnelled GET."""
    entry, headers = incoming.entry, incoming.headers
    if entry.method == "GET":
        if incoming.body:
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
    if incoming.url_query:
        raise rules.legacy("tunnel_query", 400, "A tunnelled request has no query in its URL")


def route(path: str) -> tuple[list[Endpoint], dict[str, str]]:
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


def guess(candidates: list[Endpoint], query: str) -> Endpoint:
    """Guess the endpoint before the query is checked, for scopes and logs."""
    for endpoint in candidates:
        if endpoint.finder and re.search(rf"(?:^|&)q={endpoint.finder}(?:&|$)", query):
            return endpoint
    if re.search(r"(?:^|&)ids=", query):
        return next((e for e in candidates if e.method == "BATCH_GET"), candidates[0])
    return candidates[0]


def choose(candidates: list[Endpoint], raw: dict[str, str]) -> Endpoint:
    """Return the endpoint that q or ids ask for."""
    if candidates[0].path.endswith("}"):
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
    if candidates[0].method == "GET_ALL":
        return candidates[0]
    raise rules.legacy("no_finder", 400, "Invalid query parameters passed to request")


def read_key(name: str, text: str) -> Any:
    """Return the value of a path key, or refuse it."""
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
    if name in PATH_KEYS:
        return PATH_KEYS[name].read(name, node)
    if re.fullmatch(r"\d{1,18}", node, re.ASCII) is None:
        raise rules.legacy(
            "path_key_type", 400, f"Key value '{node}' must be of type 'java.lang.Long'"
        )
    return int(node)


def check_protocol(incoming: Incoming, endpoint: Endpoint, raw: dict[str, str]) -> None:
    """Refuse structure without Rest.li 2.0, which only a few finders do without."""
    if incoming.protocol == PROTOCOL:
        return
    structured = any(re.search(r"[(\[]|%28", f"{name}={text}") for name, text in raw.items())
    if not endpoint.protocol_1 or structured:
        raise rules.legacy(
            "protocol_1_unsupported", 400, "Invalid query parameters passed to request"
        )


def read_params(request: Request, *, old_forms: bool = False) -> None:
    """Read every parameter as the table declares it.

    Args:
        request: The request to complete.
        old_forms: Parameters are in the forms of protocol 1.0.
    """
    endpoint = request.endpoint
    old = protocol_1.nodes(request.raw) if old_forms else None
    for name in request.raw if old is None else old:
        if name == "q" and endpoint.finder:
            continue
        if name == "fields":
            repeated = request.switches.repeated_fields
            request.fields = _read_fields(endpoint, request.raw[name], repeated=repeated)
            continue
        declared = endpoint.params.get(name)
        if declared is None:
            raise rules.not_allowed(name)
        node = _read_node(name, request.raw[name]) if old is None else old[name]
        request.entry.params[name] = node
        request.params[name] = declared.read(name, node)
    if request.fields is not None:
        request.entry.params["fields"] = list(request.fields)
    for name in endpoint.required:
        if name not in request.params:
            raise rules.required(name)


def _read_node(name: str, text: str) -> restli.Node:
    try:
        return restli.parse(text)
    except restli.EncodingError as error:
        raise rules.invalid(name) from error


def _read_fields(endpoint: Endpoint, text: str, *, repeated: bool) -> restli.Projection:
    try:
        fields = restli.parse_fields(text, repeated=repeated)
    except restli.EncodingError as error:
        raise rules.legacy("fields_name", 400, "Invalid 'fields' parameter") from error
    if endpoint.schema is not None and not endpoint.schema >= set(fields):
        raise rules.legacy("fields_name", 400, "Invalid 'fields' parameter")
    return fields
