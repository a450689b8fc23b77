"""Merge the schema definitions: description, directives and root types, which have their default names by now."""

from __future__ import annotations

from ..schema import RootKind
from ..schema.build_members import OPERATION_FIELDS
from ..schema.schema import Root
from .descriptions import merge_description
from .join_directives import add_join_directives
from .merging import Merging


def merge_schema_definition(merging: Merging) -> None:
    state = merging.state
    sources = {index: subgraph.schema for index, subgraph in enumerate(state.subgraphs)}
    merge_description(state.report, sources, state.supergraph)
    merging.applied.record(sources, state.supergraph)
    for kind in RootKind:
        for schema in sources.values():
            type_ = schema.root(kind)
            if type_ is not None and any(name not in OPERATION_FIELDS for name in type_.fields):
                merged = state.supergraph.types.get(type_.name)
                if merged is not None:
                    state.supergraph.roots[kind] = Root(merged)
                break
    add_join_directives(state, sources, state.supergraph)
