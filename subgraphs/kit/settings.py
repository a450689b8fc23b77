"""Turn environment variables (and a `.env` file) into one typed settings object per process, with the seed's own variable names."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .client_address import checked_networks
from .errors import SettingsError

ORIGIN = re.compile(r"\*|https?://[^/\s]+")
WEB_URL = re.compile(r"https?://[^/\s]")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Environment(StrEnum):
    """Where the process runs; production refuses defaults that are only safe on a developer's machine."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class BusDriver(StrEnum):
    """What carries events between subgraphs and signals between replicas."""

    POSTGRES = "postgres"
    NATS = "nats"


class SubgraphSettings(BaseSettings):
    """What every subgraph can be told. A subgraph adds its own fields by extending this class."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True)

    environment: Environment = Environment.DEVELOPMENT
    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535, description="TCP port to listen on; 0 picks a free one.")
    cors_origin: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["http://localhost:3000"],
        description="Origins a browser may call from, separated by commas.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["127.0.0.1"],
        description="Addresses and networks of proxies in front of /v1 whose X-Forwarded-For is believed, separated by commas.",
    )

    database_url: str = Field(
        description="PostgreSQL of this subgraph, e.g. postgresql://user:password@host:5432/tandem."
    )
    database_direct_url: str | None = Field(
        default=None,
        description="The same database without a transaction pooler in between: for migrations and LISTEN.",
    )
    database_pooler: bool = Field(
        default=False, description="True where DATABASE_URL goes through a transaction pooler."
    )
    database_pool_size: int = Field(default=10, ge=1, le=200)
    database_pool_timeout: float = Field(default=5.0, gt=0, description="Seconds to wait for a free connection.")

    event_bus: BusDriver = BusDriver.POSTGRES
    event_bus_url: str | None = Field(
        default=None,
        description="PostgreSQL that holds the bus (default: DATABASE_DIRECT_URL or DATABASE_URL), or nats://host:4222.",
    )

    event_retention_days: int = Field(
        default=14,
        ge=8,
        le=3650,
        description="Days that handled events are kept; more than the 7 after which NATS forgets them.",
    )

    user_service_url: str = "http://localhost:4001"
    question_service_url: str = "http://localhost:4002"
    matching_service_url: str = "http://localhost:4003"
    collaboration_service_url: str = "http://localhost:4004"

    supabase_url: str | None = Field(default=None, description="Accept access tokens of this Supabase project.")
    supabase_key: str | None = Field(default=None, description="Supabase API key, sent where Supabase asks for one.")
    supabase_jwt_secret: str | None = Field(default=None, description="Legacy HS256 secret of the Supabase project.")

    service_secret: str | None = Field(
        default=None,
        validation_alias=AliasChoices("service_secret", "gateway_secret"),
        description="Shared by the gateway and the subgraphs; requests without it are refused when it is set.",
    )
    jwt_issuer: str = "tandem"
    jwt_audience: str = "tandem"
    jwks_url: str | None = Field(
        default=None, description="Where access tokens' keys are published (default: the users subgraph)."
    )

    log_level: str = "INFO"
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("otel_exporter_otlp_endpoint", "otlp_endpoint"),
        description="OpenTelemetry collector to send traces to; no traces without it.",
    )
    shutdown_notice: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description="Seconds between SIGTERM and the end of listening: not ready any more, still answering. 5 behind a balancer.",
    )
    shutdown_grace: float = Field(default=20.0, ge=0, description="Seconds that requests in flight get at the end.")

    @field_validator("cors_origin", "trusted_proxies", mode="before")
    @classmethod
    def _split_lists(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip().rstrip("/") for part in value.split(",") if part.strip()]
        return value

    @field_validator("cors_origin")
    @classmethod
    def _check_origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin such as https://app.example.org, nor *")
        return value

    @field_validator(
        *("user_service_url", "question_service_url", "matching_service_url", "collaboration_service_url"),
        *("supabase_url", "jwks_url", "otlp_endpoint", "web_url"),
        check_fields=False,
    )
    @classmethod
    def _check_urls(cls, value: str | None) -> str | None:
        if value is not None and not WEB_URL.match(value):
            raise ValueError(f"{value!r} is not a URL that begins with http:// or https://")
        return value

    @field_validator("log_level")
    @classmethod
    def _check_level(cls, value: str) -> str:
        if value.upper() not in LEVELS:
            raise ValueError(f"{value!r} is none of {', '.join(LEVELS)}")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: list[str]) -> list[str]:
        return checked_networks(value)

    @model_validator(mode="after")
    def _production_needs_secrets(self) -> Self:
        if self.environment is Environment.PRODUCTION and not self.service_secret:
            raise ValueError(
                "SERVICE_SECRET must be set in production: without it anyone can call the subgraph directly"
            )
        return self

    @model_validator(mode="after")
    def _bus_has_an_address_of_its_kind(self) -> Self:
        url = self.event_bus_url or ""
        if self.event_bus is BusDriver.NATS and not url.startswith(("nats://", "tls://")):
            raise ValueError(
                "EVENT_BUS_URL must be an address of NATS, such as nats://host:4222, where EVENT_BUS is nats"
            )
        if self.event_bus is BusDriver.POSTGRES and url and not url.startswith("postgres"):
            raise ValueError(
                "EVENT_BUS_URL must be a database, such as postgresql://host/tandem, where EVENT_BUS is postgres"
            )
        return self

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def direct_url(self) -> str:
        """The database without a pooler in between."""
        return self.database_direct_url or self.database_url

    @property
    def token_keys_url(self) -> str:
        return self.jwks_url or f"{self.user_service_url.rstrip('/')}/.well-known/jwks.json"


def settings_error_from(error: ValidationError) -> SettingsError:
    """One sentence per bad variable: its name as it stands in the environment, what was wrong."""
    problems = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"]).upper() or "settings"
        problems.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
    return SettingsError("; ".join(problems))
