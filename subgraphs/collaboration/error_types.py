"""How the typed failures of this subgraph look to GraphQL."""

from __future__ import annotations

import strawberry

from ..kit import idempotency
from ..kit.graphql_errors import Conflict, Error, handler_for
from . import errors


@strawberry.type(description="The session has ended; nothing more can be written to it.")
class SessionClosed(Error):
    pass


@strawberry.type(description="The session's log has begun anew: load the document again, then send what is yours.")
class EpochChanged(Error):
    current_epoch: str = strawberry.field(description="The epoch to send with from now on.")


@strawberry.type(description="You watch this session and cannot write in it.")
class ReadOnly(Error):
    pass


@strawberry.type(description="The bytes are not a Yjs update (version 1), or speak for somebody else's client.")
class InvalidUpdate(Error):
    pass


@strawberry.type(description="An update, a batch or the document would be larger than allowed.")
class UpdateTooLarge(Error):
    limit: int = strawberry.field(description="The largest size allowed, in bytes.")


@strawberry.type(description="Code cannot be run right now, or not in this language on this machine.")
class ExecutionUnavailable(Error):
    pass


HANDLERS = (
    handler_for(errors.SessionClosed, SessionClosed),
    handler_for(errors.EpochChanged, EpochChanged),
    handler_for(errors.ReadOnly, ReadOnly),
    handler_for(errors.InvalidUpdate, InvalidUpdate),
    handler_for(errors.UpdateTooLarge, UpdateTooLarge),
    handler_for(errors.ExecutionUnavailable, ExecutionUnavailable),
    handler_for(idempotency.IdempotencyKeyReused, Conflict),
)
