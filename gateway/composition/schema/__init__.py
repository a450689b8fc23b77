"""A schema that can be read, completed and merged: subgraphs before composition, the supergraph during it.

Reading order: type_reference, values, elements (the parts), schema (the whole), links and features (which spec an element belongs to),
parse_sdl, build and build_members (SDL to model), spec_elements and complete (what @link brings in), suggestions (did you mean),
references and rename, selections and read_selections, field_sets (what @key, @requires and @provides select), validity (what every
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
    TypeDefinition,
)
from .features import LinkedFeature, LinkedFeatures
from .schema import Schema

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
