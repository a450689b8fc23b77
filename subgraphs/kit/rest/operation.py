"""What a REST operation is: declared as a value, called with a RestCall, answered with a Reply."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.requests import Request

from ..auth import Viewer
from ..errors import DomainError, NotFound
from ..pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from .problems import PreconditionFailed

S = TypeVar("S")
M = TypeVar("M", bound=BaseModel)

VERSION_TAG = re.compile(r'^(?:W/)?"v?(\d{1,9})"$')


class RestModel(BaseModel):
    """Base of REST bodies: camelCase on the wire as in GraphQL; unknown members are refused, so that a typo is noticed."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", from_attributes=True, str_max_length=100_000
    )


class PageQuery(RestModel):
    """The query parameters of every list."""

    first: int = Field(DEFAULT_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE, description="How many items.")
    after: str | None = Field(None, max_length=1000, description="The cursor that the page before gave as its end.")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers. `version` becomes the ETag; `next_cursor` a `Link: rel="next"`."""

    body: BaseModel | None = None
    status: int = 200
    version: int | None = None
    next_cursor: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RestCall(Generic[S]):
    """One request: who asks, and the parts of it that were checked against the operation's models."""

    services: S
    viewer: Viewer
    request: Request
    body_value: BaseModel | None
    query_value: BaseModel | None

    def body(self, model: type[M]) -> M:
        """The body, of the model that the operation declares."""
        return cast(M, self.body_value)

    def query(self, model: type[M]) -> M:
        """The query parameters, of the model that the operation declares."""
        return cast(M, self.query_value)

    def path_id(self, name: str = "id") -> UUID:
        """An id in the path. Raises NotFound for what cannot be one."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError as error:
            raise NotFound("There is nothing with this id.") from error

    @property
    def expected_version(self) -> int | None:
        """The version in If-Match; None without the header or for `*`. Raises PreconditionFailed for a tag that is none of ours."""
        header = self.request.headers.get("if-match", "").strip()
        if header in ("", "*"):
            return None
        found = VERSION_TAG.match(header)
        if found is None:
            raise PreconditionFailed(
                'If-Match is one entity tag as this API gives them, like "v3"; this one fits no version.'
            )
        return int(found[1])

    @property
    def idempotency_key(self) -> str | None:
        return self.request.headers.get("idempotency-key")

    @property
    def client_address(self) -> str:
        address: str = self.request.app.state.client_addresses.of(self.request)
        return address


RestHandler = Callable[[RestCall[Any]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Link:
    """An operation (its OpenAPI id) that takes a value of an answer (a JSON pointer) as one of the parameters in its path."""

    operation_id: str
    parameter: str
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method on one path (`/users/{id}`, without the prefix), with all that the OpenAPI document says of it."""

    method: str
    path: str
    handler: RestHandler
    summary: str
    tag: str
    description: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    errors: tuple[type[DomainError], ...] = ()
    """Expected failures, beyond those that every operation has."""
    needs_login: bool = True
    has_version: bool = False
    """True: the answer has an ETag; writing takes If-Match."""
    needs_version: bool = False
    """True: writing without If-Match is refused."""
    takes_idempotency_key: bool = False
    is_paged: bool = False
    links: tuple[Link, ...] = ()
    """Where the answer leads."""
