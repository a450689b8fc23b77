"""The options that decide what is let in: limits, origins, tokens, rates."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from .settings_base import HeaderName, NatsSubject, Origin, Section


class LimitMode(StrEnum):
    """What happens when an operation passes a limit."""

    ENFORCE = "enforce"
    MEASURE = "measure"
    OFF = "off"


class Limit(Section):
    """One bound on operations."""

    max: int = Field(ge=0)
    """The largest value that is let through."""
    mode: LimitMode = LimitMode.ENFORCE
    """`enforce` refuses, `measure` only counts it in the metric gateway_limit_exceeded_total, `off` does not look."""


class LimitSettings(Section):
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


class CorsSettings(Section):
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


class CsrfSettings(Section):
    """Cross-site request forgery: simple requests of a foreign page are refused because they need no preflight."""

    enabled: bool = True
    """Refuse GET requests and those of a simple content type unless they carry one of `headers`."""
    headers: tuple[HeaderName, ...] = ("x-apollo-operation-name", "apollo-require-preflight", "gateway-preflight")
    """Headers of which one must be there (any value): a browser sends them only after a preflight."""


class IssuerSettings(Section):
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


class AuthorizationSettings(Section):
    """@authenticated, @requiresScopes and @policy of the supergraph."""

    enabled: bool = True
    """Enforce them. Where no [jwt] keys are set nobody is authenticated."""
    mode: Literal["filter", "reject"] = "filter"
    """`filter` answers null with an error for what is not allowed; `reject` refuses the whole operation."""


class RateLimitSettings(Section):
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
    nats_subject: NatsSubject = "gateway.rates"
    """What they speak on there; one for each gateway that shares a server with others."""
    sharing_interval: float = Field(0.05, gt=0)
    """Time between two messages to the others: what comes in it may be too much."""
