"""Every option of the gateway as a server, with its default and its reason; `settings_file.py` fills them from
gateway.toml and the environment.

Times are in seconds and sizes in bytes unless a name says otherwise.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from .settings_base import HeaderName, NatsSubject, Origin, Proxy, Section
from .settings_safety import (
    AuthorizationSettings,
    CorsSettings,
    CsrfSettings,
    JwtSettings,
    LimitSettings,
    RateLimitSettings,
)


class CompressionSettings(Section):
    """Answers in one piece are compressed with gzip where the client takes it; streams are not."""

    enabled: bool = True
    """Compress."""
    min_bytes: int = Field(2 * 1024, ge=0)
    """Smaller answers are sent as they are: they fit into one or two packets anyway."""
    level: int = Field(1, ge=1, le=9)
    """From 1 (fast) to 9 (small): 1 makes JSON about four times smaller, 9 five times, in five times the time."""


class PageSettings(Section):
    """A folder of built files that is served beside GraphQL."""

    path: str = Field(pattern=r"^(/[A-Za-z0-9._~-]+)+$")
    """Where, such as "/practice"; addresses below it that are no files get its index.html."""
    folder: str
    """The folder; relative to the working directory of the gateway."""


class WebSocketSettings(Section):
    """Sockets of clients (graphql-transport-ws)."""

    enabled: bool = True
    """Accept sockets on the path of the HTTP endpoint."""
    origins: tuple[Origin, ...] | None = None
    """Origins a browser may come from; null takes those of [cors] (none there: the gateway's own), "*" any."""
    init_timeout: float = Field(3.0, gt=0)
    """Time for connection_init before the socket is closed with 4408."""
    max_message_size: int = Field(256 * 1024, ge=1024)
    """Largest message of a client; a larger one closes the socket with 1009."""
    max_connections: int = Field(10_000, ge=1)
    """Open sockets of this process; one more is answered with 503."""
    max_operations: int = Field(100, ge=1)
    """Operations running at a time on one socket; one more is answered with an error message."""
    queue_messages: int = Field(256, ge=1)
    """Messages that may wait for a slow client; then it is closed with 4413."""
    queue_bytes: int = Field(1024 * 1024, ge=1024)
    """Bytes that may wait for a slow client; then it is closed with 4413."""
    ping_interval: float = Field(25.0, gt=0)
    """Time between our pings (as Supabase Realtime)."""
    ping_timeout: float = Field(20.0, gt=0)
    """Time for the answer; then the socket is dropped. Together below the 60 s of Phoenix Channels."""


class ConnectionSettings(Section):
    """Connections of clients: who says nothing, or says it slowly, does not keep one."""

    header_timeout: float = Field(10.0, gt=0)
    """Time for the head of a request from its first byte; then 408 and the end of the connection."""
    body_timeout: float = Field(10.0, gt=0)
    """Time for the body of a request; then 408."""
    idle_timeout: float = Field(75.0, gt=0)
    """Time without a request, also before the first; longer than that of common load balancers (60 s), which must be first to close."""


class SubscriptionSettings(Section):
    """Live operations, whichever way the client came."""

    share_identical: bool = True
    """Resolve each event once for all clients with the same operation, variables and identity."""
    private_fields: tuple[str, ...] = ()
    """Fields (their names) with which a subscription is never shared."""
    heartbeat: float = Field(5.0, gt=0)
    """Time between signs of life in SSE and multipart answers (Apollo's protocol says 5 s)."""
    max_per_process: int = Field(20_000, ge=1)
    """Live subscriptions of this process; one more is answered with an error."""


class HeaderRules(Section):
    """Which headers travel through the gateway, both ways."""

    forward: tuple[HeaderName, ...] = ("authorization", "x-request-id", "traceparent", "tracestate", "accept-language")
    """Request headers that are sent on to every subgraph as they came."""
    rename: dict[HeaderName, HeaderName] = Field(default_factory=dict)
    """Request headers that are sent on under another name."""
    ignored_for_sharing: tuple[HeaderName, ...] = ("x-request-id", "traceparent", "tracestate")
    """Forwarded headers that cannot change an answer: requests that differ only in them may share fetches, answers and events."""
    insert: dict[HeaderName, str] = Field(default_factory=dict)
    """Headers sent to every subgraph with a fixed value."""
    return_first: tuple[HeaderName, ...] = ()
    """Response headers of subgraphs given to the client: the first value seen."""
    return_all: tuple[HeaderName, ...] = ()
    """Response headers of subgraphs given to the client: every value, each as a header of its own."""


class SubgraphSettings(Section):
    """What differs for one subgraph."""

    url: str | None = None
    """Instead of the URL in the supergraph."""
    subscription_url: str | None = None
    """Where subscriptions go; by default the same URL, as ws:// or wss://."""
    subscription_protocol: Literal["websocket", "sse", "multipart"] = "websocket"
    """How subscriptions are spoken."""
    timeout: float | None = Field(None, gt=0)
    """Time for one fetch, instead of traffic.subgraph_timeout."""
    headers: HeaderRules | None = None
    """Rules instead of the general ones."""


class TrafficSettings(Section):
    """Times, retries and bounds between the gateway and its subgraphs."""

    request_timeout: float = Field(30.0, gt=0)
    """Time for one operation of a client (as Apollo Router)."""
    subgraph_timeout: float = Field(5.0, gt=0)
    """Time for one fetch."""
    max_answer_bytes: int = Field(10 * 1024 * 1024, ge=1024)
    """Largest answer of a subgraph; a larger one is an error of that fetch."""
    max_connections: int = Field(100, ge=1)
    """Connections to each subgraph (as Hive Router)."""
    max_concurrent_requests: int = Field(1_000, ge=1)
    """Operations in work at a time; one more is answered with 503 and Retry-After."""
    collapse_identical_fetches: bool = True
    """Send identical queries of one identity that are in flight to a subgraph once."""
    collapse_identical_requests: bool = False
    """Answer identical queries of one identity that are in work at the same time together (Hive's inbound dedupe)."""
    retries: int = Field(2, ge=0, le=5)
    """Further attempts of a query whose connection failed; mutations are never repeated."""
    circuit_breaker: bool = True
    """Stop asking a subgraph of which half of at least 20 calls within 10 s failed; probe it after 5 s."""


class PersistedSettings(Section):
    """Operations known by their hash."""

    apq: bool = True
    """Automatic persisted queries: a client may register an operation by sending it once with its hash."""
    apq_entries: int = Field(1_000, ge=1)
    """Operations kept for that, the least used forgotten first."""
    manifest: str | None = None
    """File with the allowed operations: Apollo's manifest, or an object {"sha256": "operation"}."""
    require: bool = False
    """Refuse operations that are not in the manifest."""


class ResponseCacheSettings(Section):
    """Whole answers of queries, kept as long as every subgraph's cache-control allows."""

    enabled: bool = False
    """Keep answers."""
    max_bytes: int = Field(64 * 1024 * 1024, ge=1024)
    """Memory for them; the least used are forgotten first."""
    max_age: float = Field(300.0, gt=0)
    """Longest time, whatever the subgraphs say."""
    invalidation_secret: SecretStr | None = None
    """Bearer secret for POST /invalidate {"tags": [...]}; without it there is no such endpoint."""
    nats_url: str | None = None
    """NATS server through which /invalidate reaches all replicas; without it it reaches the workers of one."""
    nats_subject: NatsSubject = "gateway.invalidations"
    """What they speak on there; one for each gateway that shares a server with others."""


class ReloadSettings(Section):
    """Taking up a new supergraph while running. A bad one changes nothing but /ready and a metric."""

    watch: bool = True
    """Watch the supergraph's (or the subgraphs' SDL) files."""
    poll_interval: float = Field(0.0, ge=0)
    """Ask subgraphs for their SDL ({ _service { sdl } }) this often and compose; 0 does not."""
    drain: float = Field(30.0, ge=0)
    """Time for which what only the old supergraph needs is kept open."""


class TelemetrySettings(Section):
    """Logs, metrics and traces. No variable, token or text of an operation is in any of them."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe events that are logged."""
    access_log: bool = True
    """One JSON line for each operation."""
    metrics: bool = True
    """Serve Prometheus metrics at /metrics."""
    operation_names: int = Field(200, ge=0)
    """Distinct operation names in metrics; later ones count as "other"."""
    otlp_endpoint: str | None = None
    """OTLP/HTTP address for traces, such as http://localhost:4318 (/v1/traces is added); none sends none."""
    trace_ratio: float = Field(1.0, ge=0, le=1)
    """Share of requests that are traced when the client has not decided."""


class ShutdownSettings(Section):
    """What happens between SIGTERM and the exit (fits Kubernetes' 30 s)."""

    grace: float = Field(5.0, ge=0)
    """Time during which requests are still taken while /ready says 503."""
    drain: float = Field(20.0, ge=0)
    """Time for what is in work; sockets are closed with 1012 when it starts."""


class Settings(Section):
    """The gateway as a server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(4000, ge=0, le=65535)
    """Port to listen on; also read from PORT. 0 takes a free one."""
    workers: int = Field(1, ge=1, le=64)
    """Processes behind the port."""
    path: str = Field("/graphql", pattern=r"^/[^\s]*$")
    """Path of the GraphQL endpoint."""
    production: bool = False
    """Introspection, explorer, plans and suggestions off; unknown errors masked without their message."""
    introspection: bool | None = None
    """Answer introspection; null: unless in production."""
    explorer: bool | None = None
    """Serve GraphiQL to browsers; null: unless in production."""
    supergraph: str | None = None
    """File with the supergraph SDL."""
    subgraphs_file: str | None = None
    """JSON file [{"name", "url", "sdl": file}], composed at the start; instead of `supergraph`."""
    subgraph_secret: SecretStr | None = None
    """Sent with each request to a subgraph as x-gateway-secret, so that it can refuse everyone else."""
    subgraph_secret_mode: Literal["plain", "signed"] = "plain"
    """`plain` sends the secret itself, `signed` an HMAC of the time that is good for a minute."""
    batching: int = Field(0, ge=0, le=100)
    """Operations in one HTTP request (JSON array); 0 refuses arrays."""
    override_labels: tuple[str, ...] = ()
    """Labels of progressive @override that are active for every request; percent(x) is so for x % of them by itself."""
    trusted_proxies: tuple[Proxy, ...] = ("127.0.0.1",)
    """Addresses and networks (10.0.0.0/8) whose X-Forwarded-For is believed: of the proxies in front, or all clients have one address."""
    limits: LimitSettings = LimitSettings()
    pages: tuple[PageSettings, ...] = ()
    """Front ends to serve from this origin."""
    cors: CorsSettings = CorsSettings()
    csrf: CsrfSettings = CsrfSettings()
    compression: CompressionSettings = CompressionSettings()
    connections: ConnectionSettings = ConnectionSettings()
    websocket: WebSocketSettings = WebSocketSettings()
    subscriptions: SubscriptionSettings = SubscriptionSettings()
    jwt: JwtSettings = JwtSettings()
    authorization: AuthorizationSettings = AuthorizationSettings()
    headers: HeaderRules = HeaderRules()
    subgraphs: dict[str, SubgraphSettings] = Field(default_factory=dict)
    traffic: TrafficSettings = TrafficSettings()
    persisted: PersistedSettings = PersistedSettings()
    rate_limit: RateLimitSettings = RateLimitSettings()
    response_cache: ResponseCacheSettings = ResponseCacheSettings()
    reload: ReloadSettings = ReloadSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    shutdown: ShutdownSettings = ShutdownSettings()

    @property
    def has_introspection(self) -> bool:
        """Whether introspection is answered."""
        return not self.production if self.introspection is None else self.introspection

    @property
    def has_explorer(self) -> bool:
        """Whether browsers get GraphiQL."""
        return not self.production if self.explorer is None else self.explorer
