"""Merge interfaces, and the @interfaceObject types that stand for them in subgraphs without the implementations."""

from __future__ import annotations

from ..error_codes import ErrorCode
from ..errors import print_types
from ..schema import TypeDefinition
from .fields import add_fields, hint_on_missing_fields, merge_field
from .merging import Merging
from .overrides import check_overrides
from .sources import Sources, present


def merge_interface(
    merging: Merging,
    sources: Sources[TypeDefinition],
    destination: TypeDefinition,
    overridden: set[str],
    from_context: set[str],
) -> None:
    has_key = _check_keys(merging, sources, destination)
    _check_interface_objects(merging, sources, destination)
    for name, declarations in add_fields(merging, sources, destination).items():
        field = destination.fields[name]
        if not has_key:
            hint_on_missing_fields(merging, sources, destination, field)
        overrides = check_overrides(merging, declarations, field, overridden)
        merge_field(merging, declarations, field, overrides, from_context)


def _check_keys(merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition) -> bool:
    """A subgraph that resolves an interface by key must know all implementations. Whether any subgraph has a key."""
    state = merging.state
    implementations = state.supergraph.possible_types(destination)
    has_key = False
    for index, source in present(sources):
        if not source.is_interface:
            continue
        subgraph = state.subgraphs[index]
        keys = subgraph.metadata.applied(source, "key")
        has_key |= bool(keys)
        resolvable = next((key for key in keys if key.arguments.get("resolvable") is not False), None)
        if resolvable is None:
            continue
        known = {type_.name for type_ in subgraph.schema.possible_types(source)}
        missing = [type_.name for type_ in implementations if type_.name not in known]
        if missing and len(known) < len(implementations):
            state.report.error(
                ErrorCode.INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE,
                f'Interface type "{source.name}" has a resolvable key ({resolvable}) in subgraph "{subgraph.name}" but that'
                f' subgraph is missing some of the supergraph implementation types of "{destination.name}". Subgraph'
                f' "{subgraph.name}" should define {print_types(missing)} (and have {"them" if len(missing) > 1 else "it"}'
                f' implement "{source.name}").',
                resolvable,
                subgraph=subgraph.name,
            )
    return has_key


def _check_interface_objects(merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition) -> None:
    """Where the interface is an object, none of its implementations may be known."""
    state = merging.state
    for index, source in present(sources):
        subgraph = state.subgraphs[index]
        if not source.is_object or not subgraph.metadata.is_interface_object(source):
            continue
        implementations = (
            subgraph.schema.types.get(type_.name) for type_ in state.supergraph.possible_types(destination)
        )
        defined = [type_ for type_ in implementations if type_ is not None]
        if defined:
            state.report.error(
                ErrorCode.INTERFACE_OBJECT_USAGE_ERROR,
                f'Interface type "{destination.name}" is defined as an @interfaceObject in subgraph "{subgraph.name}" so that'
                f' subgraph should not define any of the implementation types of "{destination.name}", but it defines'
                f" {print_types([type_.name for type_ in defined])}",
                source,
                *defined,
                subgraph=subgraph.name,
            )
