"""Merge directive definitions: composed ones as in their newest version, executable ones as far as all subgraphs agree."""

from __future__ import annotations

from ..hint_codes import HintCode
from ..schema import DirectiveDefinition
from .arguments import merge_argument, merge_arguments
from .descriptions import merge_description
from .merging import Merging
from .sources import Sources, present, values_of
from .state import Merge


def add_directive_names(state: Merge) -> None:
    for subgraph in state.subgraphs:
        for name in subgraph.schema.directive_definitions:
            if state.is_merged_definition(subgraph, name) and name not in state.supergraph.directive_definitions:
                state.supergraph.add_directive(name)


def merge_directive_definitions(merging: Merging) -> None:
    state = merging.state
    for destination in list(state.supergraph.directive_definitions.values()):
        name = destination.name
        if name == "link" or name.startswith(("link__", "join__")):
            continue
        if name in state.composed.sources:
            _merge_composed(merging, destination)
            continue
        sources: Sources[DirectiveDefinition] = {
            index: subgraph.schema.directive(name) for index, subgraph in enumerate(state.subgraphs)
        }
        if any(state.is_merged_definition(state.subgraphs[index], name) for index, _ in present(sources)):
            _merge_executable(merging, sources, destination)


def _merge_composed(merging: Merging, destination: DirectiveDefinition) -> None:
    state = merging.state
    definition = state.composed.definition(destination.name, state.report)
    if definition is None:
        return
    destination.is_repeatable = definition.is_repeatable
    destination.description = definition.description
    destination.locations = definition.locations
    for argument in definition.arguments.values():
        merge_argument(merging, {0: argument}, destination.add_argument(argument.name, ""))


def _merge_executable(
    merging: Merging, sources: Sources[DirectiveDefinition], destination: DirectiveDefinition
) -> None:
    """A client may use the directive in any query, and with that, of any subgraph: all must know it, and allow its use."""
    state = merging.state
    report = state.report
    if any(source is None for source in sources.values()):
        state.supergraph.remove_directive_definition(destination)
        report.presence_hint(
            HintCode.INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE,
            f'Executable directive "@{destination.name}" will not be part of the supergraph as it does not appear in all'
            " subgraphs: ",
            destination,
            sources,
            lambda _: True,
            "it is defined in {}",
            include_missing=True,
        )
        return
    definitions = values_of(sources)
    all_locations = [sorted(definition.executable_locations) for definition in definitions]
    common = [location for location in all_locations[0] if all(location in other for other in all_locations)]
    if not common:
        state.supergraph.remove_directive_definition(destination)
        _hint_on_locations(
            merging,
            sources,
            destination,
            HintCode.NO_EXECUTABLE_DIRECTIVE_INTERSECTION,
            f'Executable directive "@{destination.name}" has no location that is common to all subgraphs: it will not appear in the'
            " supergraph as there no intersection between ",
        )
        return
    destination.locations = tuple(common)
    destination.is_repeatable = all(definition.is_repeatable for definition in definitions)
    merge_description(report, sources, destination)
    if not destination.is_repeatable and any(definition.is_repeatable for definition in definitions):
        report.presence_hint(
            HintCode.INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE,
            f'Executable directive "@{destination.name}" will not be marked repeatable in the supergraph as it is inconsistently'
            " marked repeatable in subgraphs: ",
            destination,
            sources,
            lambda definition: definition.is_repeatable,
            "it is not repeatable in {}",
            "but is repeatable in {}",
            is_in_supergraph=False,
        )
    if any(locations != all_locations[0] for locations in all_locations):
        _hint_on_locations(
            merging,
            sources,
            destination,
            HintCode.INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS,
            f'Executable directive "@{destination.name}" has inconsistent locations across subgraphs and will use'
            f" {_print_locations(common)} (intersection of all subgraphs) in the supergraph, but has: ",
        )
    merge_arguments(merging, sources, destination)


def _hint_on_locations(
    merging: Merging,
    sources: Sources[DirectiveDefinition],
    destination: DirectiveDefinition,
    code: HintCode,
    message: str,
) -> None:
    report = merging.state.report
    found = report.distribution(
        sources,
        lambda definition: _print_locations(sorted(definition.executable_locations)),
        None,
        lambda _, __: "",
        lambda locations, names: f"{locations} in {names}",
    )
    phrases = " and ".join(phrase for phrase in found.phrases if phrase)
    report.hint(code, f"{message}{phrases}.", destination, *found.nodes)


def _print_locations(locations: list[str]) -> str:
    if not locations:
        return ""
    return f'location{"s" if len(locations) > 1 else ""} "{", ".join(locations)}"'
