"""Merge the named types: first all names and kinds, then what they implement, then each by its kind."""

from __future__ import annotations

from ...specs.connect import CONNECT_IDENTITY
from ...specs.federation import FEDERATION_IDENTITY
from ...specs.link import CORE_IDENTITY, LINK_IDENTITY
from ..error_codes import ErrorCode
from ..errors import print_subgraph_names
from ..metadata import OPERATION_TYPES
from ..schema import Kind, TypeDefinition
from ..subgraph import Subgraph
from .descriptions import merge_description
from .enum_types import merge_enum
from .field_context import NO_OVERRIDES
from .input_types import merge_input
from .interface_types import merge_interface
from .join_directives import add_join_directives
from .join_fields import fields_from_context
from .join_types import add_join_types, merge_implements
from .merging import Merging
from .object_types import merge_object
from .overrides import fields_with_override
from .sources import Sources, present
from .state import Merge
from .union_types import merge_union

_NOT_MERGED = frozenset((FEDERATION_IDENTITY, LINK_IDENTITY, CORE_IDENTITY, CONNECT_IDENTITY))


def add_type_names(state: Merge) -> None:
    """Add all types, empty, and report those that differ in kind."""
    mismatched: dict[str, None] = {}
    interface_objects: dict[str, None] = {}
    for subgraph in state.subgraphs:
        for type_ in subgraph.schema.types.values():
            if not _is_merged(subgraph, type_):
                continue
            kind = type_.kind
            if type_.is_object and subgraph.metadata.is_interface_object(type_):
                kind = Kind.INTERFACE
                interface_objects[type_.name] = None
            known = state.supergraph.type(type_.name)
            if known is None:
                state.supergraph.add_type(type_.name, kind)
            elif known.kind is not kind:
                mismatched[type_.name] = None
    for name in mismatched:
        _report_kinds(state, name)
    for name in interface_objects:
        if name not in mismatched:
            _check_is_interface_somewhere(state, name)


def _is_merged(subgraph: Subgraph, type_: TypeDefinition) -> bool:
    if type_.name.startswith("__") or type_.name in OPERATION_TYPES:
        return False
    if "__" not in type_.name and not _has_imported_types(subgraph):
        return True
    source = subgraph.schema.features.source_of(type_) if subgraph.schema.features else None
    return source is None or source.feature.url.identity not in _NOT_MERGED


def _has_imported_types(subgraph: Subgraph) -> bool:
    features = subgraph.schema.features
    return features is not None and any(not item.is_directive for feature in features.all() for item in feature.imports)


def _report_kinds(state: Merge, name: str) -> None:
    def describe(index: int, type_: TypeDefinition) -> str:
        if state.subgraphs[index].metadata.is_interface_object(type_):
            return "Interface Object Type (Object Type with @interfaceObject)"
        return type_.kind.replace("Type", " Type")

    found: Sources[TypeDefinition] = {
        index: subgraph.schema.type(name) for index, subgraph in enumerate(state.subgraphs)
    }
    kinds = {id(type_): describe(index, type_) for index, type_ in present(found)}
    merged = state.supergraph.type(name)
    state.report.mismatch_error(
        ErrorCode.TYPE_KIND_MISMATCH,
        f'Type "{name}" has mismatched kind: it is defined as ',
        found,
        lambda type_: kinds[id(type_)],
        merged.kind.replace("Type", " Type") if merged else None,
    )


def _check_is_interface_somewhere(state: Merge, name: str) -> None:
    types = [(subgraph.name, type_) for subgraph in state.subgraphs if (type_ := subgraph.schema.types.get(name))]
    if any(type_.is_interface for _, type_ in types):
        return
    state.report.error(
        ErrorCode.INTERFACE_OBJECT_USAGE_ERROR,
        f'Type "{name}" is declared with @interfaceObject in all the subgraphs in which it is defined (it is defined in'
        f" {print_subgraph_names([subgraph for subgraph, _ in types])} but should be defined as an interface in at least one"
        " subgraph)",
        *(type_ for _, type_ in types),
    )


class TypeMerger:
    """Merges types by kind; what depends on all subgraphs is looked up once."""

    def __init__(self, merging: Merging) -> None:
        self.merging = merging
        self.overridden = fields_with_override(merging)
        self.from_context = fields_from_context(merging)

    def merge_implementations(self) -> None:
        """Before fields, whose types are compared by what implements what."""
        for kind in (Kind.OBJECT, Kind.INTERFACE):
            for type_ in self._types(kind):
                merge_implements(self.merging.state, type_)

    def merge_all_of(self, *kinds: Kind) -> None:
        for kind in kinds:
            for type_ in self._types(kind):
                self._merge(type_)

    def _types(self, kind: Kind) -> list[TypeDefinition]:
        return [
            type_
            for type_ in self.merging.state.supergraph.types_of(kind)
            if not type_.name.startswith(("link__", "join__"))
        ]

    def _merge(self, destination: TypeDefinition) -> None:
        state = self.merging.state
        sources = state.sources_of_type(destination.name)
        self._check_has_definition(sources, destination)
        merge_description(state.report, sources, destination)
        add_join_types(state, sources, destination)
        if destination.is_interface:
            self.merging.applied.record_with_access_control(sources, destination)
        else:
            self.merging.applied.record(sources, destination)
        add_join_directives(state, sources, destination)
        match destination.kind:
            case Kind.OBJECT:
                merge_object(self.merging, sources, destination, self.overridden, self.from_context)
            case Kind.INTERFACE:
                merge_interface(self.merging, sources, destination, self.overridden, self.from_context)
            case Kind.UNION:
                merge_union(self.merging, sources, destination)
            case Kind.ENUM:
                merge_enum(self.merging, sources, destination)
            case Kind.INPUT_OBJECT:
                merge_input(self.merging, sources, destination, NO_OVERRIDES)
            case Kind.SCALAR:
                pass  # a scalar is only its name, description and directives

    def _check_has_definition(self, sources: Sources[TypeDefinition], destination: TypeDefinition) -> None:
        state = self.merging.state
        if state.supergraph.is_root(destination):
            return
        if any(source.has_definition_elements for _, source in present(sources)):
            return
        for index, source in present(sources):
            if source.extensions:
                state.report.error(
                    ErrorCode.EXTENSION_WITH_NO_BASE,
                    f'[{state.subgraphs[index].name}] Type "{destination.name}" is an extension type, but there is no type'
                    f' definition for "{destination.name}" in any subgraph.',
                    source.extensions[0],
                )
