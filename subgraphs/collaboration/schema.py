"""The schema of the collaboration subgraph."""

from __future__ import annotations

from ..kit.graphql_errors import Error
from ..kit.schema import create_subgraph_schema
from .error_types import HANDLERS
from .event_types import EVENT_TYPES
from .mutations import Mutation
from .queries import Query
from .subscriptions import Subscription
from .types import Session

schema = create_subgraph_schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Session, Error, *EVENT_TYPES],
    error_handlers=HANDLERS,
)
