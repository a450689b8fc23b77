"""The supergraph as a frozen value, read from its SDL, and the API schema that clients see.

Reading order: model, from_sdl, join_directives, provided_fields, linked_features, api_schema.
"""

from .api_schema import api_schema_from_supergraph, print_api_schema
from .from_sdl import supergraph_from_document, supergraph_from_sdl
from .model import (
    ContextArgumentDefinition,
    EntityKey,
    Subgraph,
    SubgraphField,
    SubgraphType,
    Supergraph,
    SupergraphField,
    SupergraphType,
    TypeKind,
)

__all__ = [
    "ContextArgumentDefinition",
    "EntityKey",
    "Subgraph",
    "SubgraphField",
    "SubgraphType",
    "Supergraph",
    "SupergraphField",
    "SupergraphType",
    "TypeKind",
    "api_schema_from_supergraph",
    "print_api_schema",
    "supergraph_from_document",
    "supergraph_from_sdl",
]
