"""The federated schema of the users subgraph."""

from __future__ import annotations

from ..kit.schema import create_subgraph_schema
from .mutations import Mutation
from .queries import Query
from .results import ERROR_HANDLERS

schema = create_subgraph_schema(query=Query, mutation=Mutation, error_handlers=ERROR_HANDLERS)
