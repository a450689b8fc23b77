"""Access control across interfaces: an interface asks for what its implementations ask for, and an implementation for what an
@interfaceObject that stands for it asks for."""

from __future__ import annotations

from ..schema import Field, Kind, TypeDefinition
from .state import Merge


class AccessControlSources:
    """For an element of the supergraph, the elements elsewhere whose access control it takes over."""

    def __init__(self, state: Merge) -> None:
        self._found: dict[tuple[str, str], list[TypeDefinition | Field]] = {}
        self._interfaces_of: dict[str, list[str]] = {}
        self._implementations_of: dict[str, list[str]] = {}
        for interface in state.supergraph.types_of(Kind.INTERFACE):
            names = [type_.name for type_ in state.supergraph.possible_types(interface)]
            self._implementations_of[interface.name] = names
            for name in names:
                self._interfaces_of.setdefault(name, []).append(interface.name)
        for subgraph in state.subgraphs:
            for directive in ("authenticated", "requiresScopes", "policy"):
                for application in subgraph.metadata.applications(directive):
                    element = application.parent
                    if isinstance(element, TypeDefinition) and element.is_object:
                        for interface_name in self._interfaces_of.get(element.name, ()):
                            self._add(interface_name, directive, element)
                    elif isinstance(element, Field) and not subgraph.metadata.is_external(element):
                        is_stand_in = subgraph.metadata.is_interface_object(element.parent)
                        self._add_field(element, directive, is_stand_in)

    def of(self, coordinate: str, directive: str) -> list[TypeDefinition | Field]:
        return self._found.get((coordinate, directive), [])

    def _add(self, coordinate: str, directive: str, element: TypeDefinition | Field) -> None:
        self._found.setdefault((coordinate, directive), []).append(element)

    def _add_field(self, field: Field, directive: str, is_stand_in: bool) -> None:
        type_ = field.parent
        if not type_.is_object:
            return
        if not is_stand_in:
            for interface in self._interfaces_of.get(type_.name, ()):
                self._add(f"{interface}.{field.name}", directive, field)
            return
        others: dict[str, None] = {}
        for implementation in self._implementations_of.get(type_.name, ()):
            self._add(f"{implementation}.{field.name}", directive, field)
            for interface in self._interfaces_of.get(implementation, ()):
                if interface != type_.name:
                    others[interface] = None
        for interface in others:
            self._add(f"{interface}.{field.name}", directive, field)
