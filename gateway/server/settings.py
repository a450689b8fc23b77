"""Every option of the gateway as a server, with its default and its reason; `settings_file.py` fills them from
gateway.toml and the environment.

Times are in seconds and sizes in bytes unless a name says otherwise.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

HeaderName = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
Origin = Annotated[str, StringConstraints(pattern=r"^(\*|https?://[^/\s]+)$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class LimitMode(StrEnum):
    """What happens when an operation passes a limit."""

    ENFORCE = "enforce"
    MEASURE = "measure"
    OFF = "off"


class Limit(_Section):
    """One bound on operations."""

    max: int = Field(ge=0)
    """The largest value that is let through."""
    mode: LimitMode = LimitMode.ENFORCE
    """`enforce` refuses, `measure` only counts it in the metric gateway_limit_exceeded_total, `off` does not look."""


class LimitSettings(_Section):
    """Bounds that are checked before an operation is planned, and most of them before it is parsed to the end."""

    body: int = Field(2 * 1024 * 1024, ge=1024)
    """Bytes of an HTTP body (as Apollo Router); more is answered with 413."""
    characters: Limit = Limit(max=15_000)
    """Characters of an operation's text (as graphql-armor)."""
    tokens: Limit = Limit(max=1_000)
    """Lexical tokens (as graphql-armor; Apollo Router: 15 000)."""
    comments: Limit = Limit(max=1_000)
    """Comments, which no token limit counts."""
    depth: Limit = Limit(max=10)
    """Levels of nested fields, fragments followed; what is below `__schema` and `__type` has a bound of its own."""
    aliases: Limit = Limit(max=15)
    """Aliased fields (as graphql-armor); an alias of `__typename` is free."""
    root_fields: Limit = Limit(max=20)
    """Fields of the root type, fragments followed."""
    directives: Limit = Limit(max=50)
    """Directives on the operation's selections."""
    duplicate_fields: Limit = Limit(max=100)
    """Repeated selections of one response key (not `__typename`) in one selection set: what makes validation quadratic."""
    cost: Limit = Limit(max=5_000)
    """Static cost (as graphql-armor) where the supergraph says with @cost and @listSize what things cost; beside it an object costs 1, a
    scalar 0, a mutation 10."""
    guessed_cost: Limit = Limit(max=100_000)
    """The same where the supergraph says nothing: `first`, `last` and `limit` are then taken for the length of a list."""
    assumed_list_size: int = Field(10, ge=0)
    """Items that a list counts as where neither @listSize nor an argument says how many."""
    planning_time: float = Field(2.0, gt=0)
    """Time for planning one new operation; then it is refused (ordinary ones take milliseconds)."""
    cost_in_extensions: bool = False
    """Always tell the cost in `extensions.cost`; a request can ask for it with the header `gateway-cost: include`."""


class CorsSettings(_Section):
    """Which pages in a browser may read the answers (Fetch standard, CORS)."""

    origins: tuple[Origin, ...] = ()
    """Origins such as "http://localhost:3000", or "*" for any (never together with credentials)."""
    credentials: bool = False
    """Let the browser send cookies."""
    request_headers: tuple[HeaderName, ...] = ()
    """Request headers to allow; empty allows whichever the browser asks for."""
    response_headers: tuple[HeaderName, ...] = ("x-request-id", "retry-after")
    """Response headers that scripts may read."""
    max_age: int = Field(7200, ge=0)
    """How long a browser may keep the answer to a preflight request (2 h is Chromium's own bound)."""


class CsrfSettings(_Section):
    """Cross-site request forgery: simple requests of a foreign page are refused because they need no preflight."""

    enabled: bool = True
    """Refuse GET requests and those of a simple content type unless they carry one of `headers`."""
    headers: tuple[HeaderName, ...] = ("x-apollo-operation-name", "apollo-require-preflight", "gateway-preflight")
    """Headers of which one must be there (any value): a browser sends them only after a preflight."""


class CompressionSettings(_Section):
    """Answers in one piece are compressed with gzip where the client takes it; streams are not."""

    enabled: bool = True
    """Compress."""
    min_bytes: int = Field(2 * 1024, ge=0)
    """Smaller answers are sent as they are: they fit into one or two packets anyway."""
    level: int = Field(1, ge=1, le=9)
    """From 1 (fast) to 9 (small): 1 makes JSON about four times smaller, 9 five times, in five times the time."""


class PageSettings(_Section):
    """A folder of built files that is served beside GraphQL."""

    path: str = Field(pattern=r"^(/[A-Za-z0-9._~-]+)+$")
    """Where, such as "/practice"; addresses below it that are no files get its index.html."""
    folder: str
    """The folder; relative to the working directory of the gateway."""


class WebSocketSettings(_Section):
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


class SubscriptionSettings(_Section):
    """Live operations, whichever way the client came."""

    share_identical: bool = True
    """Resolve each event once for all clients with the same operation, variables and identity."""
    private_fields: tuple[str, ...] = ()
    """Fields (their names) with which a subscription is never shared."""
    heartbeat: float = Field(5.0, gt=0)
    """Time between signs of life in SSE and multipart answers (Apollo's protocol says 5 s)."""
    max_per_process: int = Field(20_000, ge=1)
    """Live subscriptions of this process; one more is answered with an error."""


class IssuerSettings(_Section):
    """Somebody who signs tokens."""

    jwks_url: str | None = None
    """Where the issuer publishes its public keys."""
    jwks_refresh: float = Field(300.0, ge=1)
    """Age at which the keys are read again; an unknown `kid` reads them at once, at most every 10 s."""
    secret: SecretStr | None = None
    """Shared secret for HS256 (Supabase's legacy tokens); allows that algorithm."""
    algorithms: tuple[str, ...] = ("Ed25519", "EdDSA", "ES256", "RS256")
    """Algorithms accepted with the published keys; never HS256 or none."""
    issuer: str | None = None
    """Required `iss`."""
    audience: str | None = None
    """Required member of `aud`."""

    @property
    def has_keys(self) -> bool:
        """Whether a token of it can be verified."""
        return self.jwks_url is not None or self.secret is not None


class JwtSettings(IssuerSettings):
    """JSON Web Tokens in the Authorization header, or in the payload of connection_init (RFC 8725). One issuer stands in [jwt] itself,
    several each in a table [[jwt.issuers]]."""

    issuers: tuple[IssuerSettings, ...] = ()
    """Issuers, told apart by `iss`: tables with the options above this one; `issuer` and one of `jwks_url` and `secret` are needed."""
    types: tuple[str, ...] = ("JWT", "at+jwt")
    """Accepted `typ` headers (case is ignored); a token without one counts as JWT."""
    leeway: float = Field(30.0, ge=0, le=300)
    """Clock difference that is forgiven in exp, nbf and iat."""
    required: bool = False
    """Refuse requests without a token; otherwise they are anonymous."""
    scopes_claim: str = "scope"
    """Claim that holds the scopes: a string with spaces, or a list."""
    policies_claim: str = "policies"
    """Claim that holds the granted @policy names."""

    @property
    def all_issuers(self) -> tuple[IssuerSettings, ...]:
        """Everybody whose tokens are accepted."""
        return (*((self,) if self.has_keys else ()), *self.issuers)

    @model_validator(mode="after")
    def _check_issuers(self) -> Self:
        for issuer in self.issuers:
            if issuer.issuer is None or not issuer.has_keys:
                raise ValueError("each of [[jwt.issuers]] needs `issuer`, and `jwks_url` or `secret`")
        names = [issuer.issuer for issuer in self.all_issuers]
        if len(names) > 1 and (None in names or len(set(names)) < len(names)):
            raise ValueError("where there are several issuers each needs an `issuer` of its own")
        return self


class AuthorizationSettings(_Section):
    """@authenticated, @requiresScopes and @policy of the supergraph."""

    enabled: bool = True
    """Enforce them. Where no [jwt] keys are set nobody is authenticated."""
    mode: Literal["filter", "reject"] = "filter"
    """`filter` answers null with an error for what is not allowed; `reject` refuses the whole operation."""


class HeaderRules(_Section):
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


class SubgraphSettings(_Section):
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


class TrafficSettings(_Section):
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


class PersistedSettings(_Section):
    """Operations known by their hash."""

    apq: bool = True
    """Automatic persisted queries: a client may register an operation by sending it once with its hash."""
    apq_entries: int = Field(1_000, ge=1)
    """Operations kept for that, the least used forgotten first."""
    manifest: str | None = None
    """File with the allowed operations: Apollo's manifest, or an object {"sha256": "operation"}."""
    require: bool = False
    """Refuse operations that are not in the manifest."""


class RateLimitSettings(_Section):
    """Requests by one client, shaped by GCRA; a client is its token's subject, else its address."""

    enabled: bool = False
    """Limit the rate."""
    rate: float = Field(50.0, gt=0)
    """Requests per second that a client may make for ever."""
    burst: int = Field(100, ge=1)
    """Requests that it may make at once."""
    cost_per_request: float = Field(0.0, ge=0)
    """Static cost that counts as one further request; 0 counts every operation alike."""
    max_clients: int = Field(100_000, ge=1)
    """Clients remembered; those that have been quiet longest are forgotten first."""
    nats_url: str | None = None
    """NATS server through which replicas and workers count together; without it each counts for itself."""
    nats_subject: str = Field("gateway.rates", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")
    """What they speak on there; one for each gateway that shares a server with others."""
    sharing_interval: float = Field(0.05, gt=0)
    """Time between two messages to the others: what comes in it may be too much."""


class ResponseCacheSettings(_Section):
    """Whole answers of queries, kept as long as every subgraph's cache-control allows."""

    enabled: bool = False
    """Keep answers."""
    max_bytes: int = Field(64 * 1024 * 1024, ge=1024)
    """Memory for them; the least used are forgotten first."""
    max_age: float = Field(300.0, gt=0)
    """Longest time, whatever the subgraphs say."""
    invalidation_secret: SecretStr | None = None
    """Bearer secret for POST /invalidate {"tags": [...]}; without it there is no such endpoint."""


class ReloadSettings(_Section):
    """Taking up a new supergraph while running. A bad one changes nothing but /ready and a metric."""

    watch: bool = True
    """Watch the supergraph's (or the subgraphs' SDL) files."""
    poll_interval: float = Field(0.0, ge=0)
    """Ask subgraphs for their SDL ({ _service { sdl } }) this often and compose; 0 does not."""
    drain: float = Field(30.0, ge=0)
    """Time for which what only the old supergraph needs is kept open."""


class TelemetrySettings(_Section):
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


class ShutdownSettings(_Section):
    """What happens between SIGTERM and the exit (fits Kubernetes' 30 s)."""

    grace: float = Field(5.0, ge=0)
    """Time during which requests are still taken while /ready says 503."""
    drain: float = Field(20.0, ge=0)
    """Time for what is in work; sockets are closed with 1012 when it starts."""


class Settings(_Section):
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
    trusted_proxies: tuple[str, ...] = ("127.0.0.1",)
    """Addresses whose X-Forwarded-For is believed."""
    limits: LimitSettings = LimitSettings()
    pages: tuple[PageSettings, ...] = ()
    """Front ends to serve from this origin."""
    cors: CorsSettings = CorsSettings()
    csrf: CsrfSettings = CsrfSettings()
    compression: CompressionSettings = CompressionSettings()
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
