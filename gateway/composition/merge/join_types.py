"""@join__type, @join__implements: in which subgraphs a type is, under which keys, and what it implements there."""

from __future__ import annotations

from ...specs.feature import ConstValue
from ...specs.join import IMPLEMENTS, TYPE
from ..schema import TypeDefinition
from .sources import Sources, present
from .state import Merge


def add_join_types(state: Merge, sources: Sources[TypeDefinition], destination: TypeDefinition) -> None:
    """One per key; one without a key for subgraphs in which the type is no entity."""
    for index, source in present(sources):
        metadata = state.subgraphs[index].metadata
        graph = state.graph_values[index]
        is_interface_object = {"isInterfaceObject": True} if metadata.is_interface_object(source) else {}
        keys = metadata.applied(source, "key") if source.directives else []
        if not keys:
            destination.apply(TYPE, {"graph": graph, **is_interface_object})
        for key in keys:
            arguments: dict[str, ConstValue] = {"graph": graph, "key": key.arguments.get("fields")}
            if key.extension is not None or metadata.has(source, "extends"):
                arguments["extension"] = True
            if "resolvable" in key.arguments:
                arguments["resolvable"] = key.arguments["resolvable"]
            destination.apply(TYPE, {**arguments, **is_interface_object})


def merge_implements(state: Merge, destination: TypeDefinition) -> None:
    for index, source in present(state.sources_of_type(destination.name)):
        for name in source.interfaces:
            destination.interfaces[name] = None
            destination.apply(IMPLEMENTS, {"graph": state.graph_values[index], "interface": name})
    if destination.interfaces:
        state.supergraph.forget_implementations()
