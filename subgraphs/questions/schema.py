"""The schema of the questions subgraph."""

from __future__ import annotations

from ..kit.graphql_errors import Error
from ..kit.schema import create_subgraph_schema
from .mutations import Mutation
from .queries import Query
from .types import Question

schema = create_subgraph_schema(query=Query, mutation=Mutation, types=[Question, Error])
