"""A request on its way through the sandbox, and the answer it gets."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Hashable, Mapping

    from sandbox.api.log import Entry
    from sandbox.api.params import ParamType
    from sandbox.api.restli import Projection
    from sandbox.world.world import World

ADS = ("r_ads", "rw_ads")


@dataclass(frozen=True)
class Incoming:
    """A request as it arrived.

    Attributes:
        entry: Its log entry, which knows method and path.
        target: Path and query as sent.
        headers: Headers by lower-case name.
        body: The body.
        head: Size of request line and headers.
    """

    entry: Entry
    target: str
    headers: Mapping[str, str]
    body: bytes
    head: int

    @property
    def url_query(self) -> str:
        """The query of the URL, which a tunnelled request does not have."""
        return self.target.partition("?")[2]

    @property
    def protocol(self) -> str:
        """The Rest.li protocol version; LinkedIn assumes 1.0.0."""
        return self.headers.get("x-restli-protocol-version", "1.0.0").strip()


@dataclass(frozen=True)
class Endpoint:
    """One row of the table.

    Attributes:
        resource: Resource name, as in scopes, logs and the world's tables.
        path: Path below ``/rest/`` with placeholders, such as ``adAccounts/{account}/creatives``.
        method: ``FINDER``, ``GET``, ``GET_ALL`` or ``BATCH_GET``.
        finder: Value of ``q``, or empty.
        serve: Returns the answer's rows and the envelope besides them.
        params: Declared parameters.
        required: Names of the required ones.
        scopes: The token needs one of these; none means that every token will do.
        internal_name: The resource as 403 messages name it, where that is another name.
        page: ``cursor``, ``index`` or ``none``.
        max_page: Largest page of a cursor-paged finder.
        everything: Whether an index-paged finder returns all rows unless asked otherwise.
        schema: Names that ``fields`` may hold; None leaves the check to ``serve``.
        since: First version that has it.
        protocol_1: Works without X-Restli-Protocol-Version as long as no value is structured.
        needs_method: LinkedIn's documentation demands X-RestLi-Method here.
    """

    resource: str
    path: str
    method: str
    serve: Callable[[Request], Any]
    finder: str = ""
    params: dict[str, ParamType] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ADS
    internal_name: str = ""
    page: str = "none"
    max_page: int = 1000
    everything: bool = False
    schema: frozenset[str] | None = None
    since: int = 202401
    protocol_1: bool = False
    needs_method: bool = False

    @property
    def scope_text(self) -> str:
        """The resource as 403 messages name it."""
        resource = self.internal_name or self.resource
        return f"{resource}.{self.method}{'-' + self.finder if self.finder else ''}"


@dataclass
class Request:
    """A validated request.

    Attributes:
        world: The data.
        switches: Strictness and readings of unverified rules.
        endpoint: The row of the endpoint table that serves it.
        path: Path without query.
        keys: Values of the path's placeholders.
        params: Values of the declared parameters that were sent.
        fields: Field projection, None if the request has none.
        version: Requested LinkedIn-Version.
        raw: Raw parameter texts.
        entry: Its log entry.
        memory: State that outlives one request: token signatures, cached searches, counters.
    """

    world: World
    switches: Switches
    endpoint: Endpoint
    path: str
    keys: dict[str, Any]
    params: dict[str, Any]
    fields: Projection | None
    version: int
    raw: Mapping[str, str]
    entry: Entry
    memory: Memory


@dataclass
class Answer:
    """What is sent back.

    Attributes:
        status: HTTP status.
        body: The body; JSON text unless the type says otherwise.
        content_type: Value of Content-Type.
        headers: Additional headers.
        ending: How the connection ends: ``reset``, ``hang``, ``inside`` the body, or normally.
        seconds: Time that passes before the answer.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    ending: str = ""
    seconds: float = 0.0


@dataclass
class Switches:
    """Readings of rules that LinkedIn's documentation leaves open, and limits for tests.

    Attributes:
        creatives_need_method: Creatives demand X-RestLi-Method (FINDER or BATCH_GET).
        search_with_page_token: adAccounts accepts search together with pageToken.
        criteria: What a search without statuses returns on campaign groups, campaigns and
            creatives: ``refuse`` it, ``active_only`` (ACTIVE, PAUSED, DRAFT) or ``all``.
        next_link: adAnalytics answers carry a rel=next link, which must not be followed.
        bucket_bounds: Whether months and years at the edges of a range are ``clipped`` to it or
            keep their ``calendar`` bounds.
        data_limit: Metric values per window over all adAnalytics queries.
        data_window: Length of that window in seconds.
        max_elements: Elements per adAnalytics answer.
        most_pivots: Pivots of a report: 3 as documented; LinkedIn has been seen to take four.
        largest_page: Rows of a page (``pageSize`` or ``count``) above which a request "would return
            too many entities".
        latency_ms: Time added to every answer.
        per_row_ms: Time added per element.
        refresh_tokens: The application is approved for refresh tokens.
        new_token_revoked_uses: How often a new access token answers 401 65601 at first.
        new_token_revoked_seconds: How long a new access token answers 401 65601.
        consent: What the authorization page does: ``page``, ``redirect``, ``cancel_login`` or
            ``cancel_authorize``.
        redirect_uris: Registered redirect URLs; empty accepts every loopback URL.
        company_intelligence: The application has the Company Intelligence API.
        development_tier: The application has the development tier of Community Management: no
            BATCH_GET, and daily quotas.
        calls_per_member: Calls of that tier per member and UTC day.
        calls_per_application: Calls of that tier per application and UTC day.
        totals: ``paging.total`` of community finders: ``unreliable`` (missing, too small or too
            large in turn), ``exact`` or ``omit``.
        short_pages: Pages of the posts finder hold fewer posts than ``count``.
        poll_counts_hidden: The viewer may not see how often a poll's options were chosen.
        careers_clicks: organizationPageStatistics has the old shape, with careers clicks.
        omit_zero_activity: Statistics of posts leave out posts without activity.
        statistics_start: A start before the last twelve months is refused (``refuse``) or moved
            (``clip``).
        statistics_posts: Posts per list in one call of share statistics.
        follower_delay_days: Days before today for which follower statistics have no data.
        old_versions: Versions that LinkedIn has switched off are served too (202401 and newer).
        protocol_1: Every finder can be asked without X-Restli-Protocol-Version, with dotted and
            bracketed parameters.
        repeated_fields: ``fields`` may name a field twice.
        remember_answers: adAnalytics answers are worked out once and served from memory again.
    """

    creatives_need_method: bool = True
    search_with_page_token: bool = False
    criteria: str = "active_only"
    next_link: bool = False
    bucket_bounds: str = "clipped"
    data_limit: int = 45_000_000
    data_window: float = 300.0
    max_elements: int = 15_000
    most_pivots: int = 3
    largest_page: int = 1_000_000
    latency_ms: float = 0.0
    per_row_ms: float = 0.0
    refresh_tokens: bool = True
    new_token_revoked_uses: int = 0
    new_token_revoked_seconds: float = 0.0
    consent: str = "page"
    redirect_uris: tuple[str, ...] = ()
    company_intelligence: bool = True
    development_tier: bool = False
    calls_per_member: int = 100
    calls_per_application: int = 500
    totals: str = "unreliable"
    short_pages: bool = False
    poll_counts_hidden: bool = False
    careers_clicks: bool = False
    omit_zero_activity: bool = True
    statistics_start: str = "refuse"
    statistics_posts: int = 50
    follower_delay_days: int = 2
    old_versions: bool = False
    protocol_1: bool = False
    repeated_fields: bool = False
    remember_answers: bool = False


@dataclass(frozen=True)
class Kept:
    """An answer.

    Attributes:
        body: Its bytes.
        rows: Number of its elements.
        metric_values: Its cost against the data limit.
    """

    body: bytes
    rows: int
    metric_values: int


@dataclass
class Memory:
    """State of a running sandbox that several requests share.

    Attributes:
        last_pages: Number of last pages served, which decides how the next one ends.
        searches: Results of recent searches, so that a long paging run filters once.
        spent: Times and costs of recent adAnalytics answers.
        calls: Calls that count against daily quotas, by day.
        answers: adAnalytics answers that are kept.
        lock: Guards ``spent`` and ``calls``.
    """

    last_pages: int = 0
    searches: dict[Any, Any] = field(default_factory=dict)
    spent: list[tuple[float, int]] = field(default_factory=list)
    calls: dict[dt.date, int] = field(default_factory=dict)
    answers: dict[Hashable, Kept] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
