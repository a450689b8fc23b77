"""A schema that can be read, completed and merged: subgraphs before composition, the supergraph during it.

Reading order: type_reference, values, elements (the model), features (which spec an element belongs to), build (SDL to
model), complete (what @link brings in), field_sets (what @key, @requires and @provides select), validity (what every
GraphQL schema must keep), print_schema.
"""

from __future__ import annotations

from .elements import (
    UNSET,
    Argument,
    Directive,
    DirectiveDefinition,
    Element,
    EnumValue,
    Extension,
    Field,
    Kind,
    RootKind,
    Schema,
    TypeDefinition,
)
from .features import LinkedFeature, LinkedFeatures

__all__ = [
    "UNSET",
    "Argument",
    "Directive",
    "DirectiveDefinition",
    "Element",
    "EnumValue",
    "Extension",
    "Field",
    "Kind",
    "LinkedFeature",
    "LinkedFeatures",
    "RootKind",
    "Schema",
    "TypeDefinition",
]
