"""The federated schema of the matching subgraph."""

from __future__ import annotations

from ..kit.schema import create_subgraph_schema
from .event_types import EVENT_TYPES
from .mutations import Mutation
from .queries import Query
from .results import ERROR_HANDLERS
from .subscriptions import Subscription

schema = create_subgraph_schema(
    query=Query, mutation=Mutation, subscription=Subscription, types=EVENT_TYPES, error_handlers=ERROR_HANDLERS
)
