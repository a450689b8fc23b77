"""Expected failures as GraphQL: members of result unions for mutations, coded errors everywhere else; bugs are masked and logged once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError, value_from_ast_untyped
from sqlalchemy.exc import DBAPIError
from strawberry.extensions import SchemaExtension
from strawberry.types.field import StrawberryField

from . import errors
from .repository import storage_refusal

logger = structlog.get_logger(__name__)

E = TypeVar("E", bound=errors.DomainError)

MASKED_MESSAGE = "Something went wrong on our side."


@strawberry.federation.interface(
    description="An expected failure. `code` is stable and for programs, `message` for people."
)
class Error:
    code: str = strawberry.field(description="Stable, upper-case, for programs.")
    message: str = strawberry.field(description="One sentence for people.")
    retryable: bool = strawberry.field(description="True when the same call may succeed later.")


@strawberry.federation.type(shareable=True, description="A value breaks a rule; the message says what would be right.")
class InvalidInput(Error):
    field: str | None = strawberry.field(description="The input it is about, as the client wrote it.")


@strawberry.federation.type(shareable=True, description="Nobody is logged in, or the token is no longer good.")
class NotAuthenticated(Error):
    pass


@strawberry.federation.type(shareable=True, description="The person is known and may not do this.")
class NotAllowed(Error):
    pass


@strawberry.federation.type(shareable=True, description="The thing does not exist, or you may not know that it does.")
class NotFound(Error):
    pass


@strawberry.federation.type(
    shareable=True, description="The thing has changed, or already is, in a way that forbids this."
)
class Conflict(Error):
    pass


@strawberry.federation.type(shareable=True, description="Somebody else changed it first; nothing was written.")
class VersionConflict(Error):
    current_version: int = strawberry.field(description="The version it is at now.")


@strawberry.federation.type(shareable=True, description="An allowance is used up.")
class RateLimited(Error):
    retry_after: float = strawberry.field(description="Seconds until the call may succeed.")


@strawberry.federation.type(shareable=True, description="Something this depends on does not answer.")
class Unavailable(Error):
    pass


class DomainErrorHandler(strawberry.ExceptionHandler[E, Any]):
    """Turns one domain error class into its GraphQL type, in fields whose result union has that type as a member."""

    exception_type: ClassVar[type[errors.DomainError]]
    error_type: ClassVar[Any]

    def handle(self, exception: E, *, field: StrawberryField, info: strawberry.Info[Any, Any]) -> Any:
        return error_type_from(self.error_type, exception)


def handler_for(exception_class: type[errors.DomainError], graphql_type: type) -> DomainErrorHandler[Any]:
    """The handler that answers `exception_class` with `graphql_type` (a type that implements Error)."""
    members = {"exception_type": exception_class, "error_type": graphql_type}
    handler_class: type[DomainErrorHandler[Any]] = type(
        f"{graphql_type.__name__}Handler", (DomainErrorHandler,), members
    )
    return handler_class()


def error_type_from(graphql_type: Any, exception: errors.DomainError) -> Any:
    """Build the GraphQL value; fields beyond those of Error are read from the exception's attributes of the same name."""
    values: dict[str, Any] = {"code": exception.code, "message": exception.message, "retryable": exception.retryable}
    for definition in graphql_type.__strawberry_definition__.fields:
        name = definition.python_name
        if name not in values:
            values[name] = exception.current if name == "current_version" else getattr(exception, name)  # type: ignore[attr-defined]
    return graphql_type(**values)


class StorageRefusalHandler(strawberry.ExceptionHandler[DBAPIError, InvalidInput]):
    """Answers a text that PostgreSQL cannot store with InvalidInput that names the field; declines all other failures."""

    def handle(
        self, exception: DBAPIError, *, field: StrawberryField, info: strawberry.Info[Any, Any]
    ) -> InvalidInput | None:
        refusal = storage_refusal(exception)
        if refusal is None:
            return None
        raw = info._raw_info
        variables: Any = raw.variable_values  # by name; the declared type is another
        arguments = raw.field_nodes[0].arguments or ()
        given = {one.name.value: value_from_ast_untyped(one.value, variables) for one in arguments}
        answer: InvalidInput = error_type_from(InvalidInput, refusal)
        answer.field = next(_places_of_nul(given), None)
        return answer


def _places_of_nul(value: Any, place: str = "") -> Iterator[str]:
    """Where in the arguments a NUL stands, as `input.links.1`."""
    if isinstance(value, str) and "\x00" in value:
        yield place
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        yield from _places_of_nul(entry, f"{place}.{name}" if place else str(name))


COMMON_HANDLERS: tuple[strawberry.ExceptionHandler[Any, Any], ...] = (
    handler_for(errors.InvalidInput, InvalidInput),
    handler_for(errors.NotAuthenticated, NotAuthenticated),
    handler_for(errors.NotAllowed, NotAllowed),
    handler_for(errors.NotFound, NotFound),
    handler_for(errors.VersionConflict, VersionConflict),
    handler_for(errors.Conflict, Conflict),
    handler_for(errors.RateLimited, RateLimited),
    handler_for(errors.Unavailable, Unavailable),
    StorageRefusalHandler(),
)


class ErrorExtension(SchemaExtension):
    """Gives domain errors their code in `extensions`, and masks bugs under an id that finds the log line."""

    async def on_operation(self) -> AsyncIterator[None]:
        yield
        result = self.execution_context.result
        if result is not None and getattr(result, "errors", None):
            result.errors = [present_error(error) for error in result.errors]  # type: ignore[union-attr]

    async def on_stream_result(self, result: Any) -> AsyncIterator[None]:
        # The events of a subscription pass here, one by one; what its generator raises is among them.
        if getattr(result, "errors", None):
            result.errors = [present_error(error) for error in result.errors]
        yield


def present_error(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it."""
    original = storage_refusal(error.original_error) or error.original_error
    if original is None or isinstance(original, GraphQLError):
        return error
    if isinstance(original, errors.DomainError):
        extensions: dict[str, Any] = {"code": original.code, "retryable": original.retryable}
        if original.field is not None:
            extensions["field"] = original.field
        if isinstance(original, errors.RateLimited):
            extensions["retryAfter"] = original.retry_after
        return _replaced(error, original.message, extensions)
    error_id = uuid4().hex
    logger.error("resolver.failed", error_id=error_id, path=error.path, exc_info=original)
    return _replaced(
        error,
        f"{MASKED_MESSAGE} Mention {error_id} if you report it.",
        {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id},
    )


def _replaced(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
