"""The schema of the questions subgraph."""

from __future__ import annotations

from ..kit.graphql_errors import Error
from ..kit.schema import create_subgraph_schema
from .mutations import Mutation
from .queries import Query
from .results import ERROR_HANDLERS
from .types import Question
from .user_types import User

schema = create_subgraph_schema(
    query=Query, mutation=Mutation, types=[Question, User, Error], error_handlers=ERROR_HANDLERS
)
