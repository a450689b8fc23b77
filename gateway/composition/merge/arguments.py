"""Merge arguments of fields and of directive definitions: only those that every subgraph with the field has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..error_codes import ErrorCode
from ..errors import print_subgraph_names
from ..hint_codes import HintCode
from ..schema import UNSET, Argument, DirectiveDefinition, Field
from ..schema.type_reference import is_non_null
from .default_values import merge_default_value
from .descriptions import merge_description
from .merging import Merging
from .sources import Sources, present
from .type_references import merge_type_reference

Owner = TypeVar("Owner", Field, DirectiveDefinition)


def merge_arguments(
    merging: Merging,
    sources: Mapping[int, Owner | None],
    destination: Owner,
) -> None:
    elements = {index: source for index, source in present(sources) if source.arguments}
    names = dict.fromkeys(name for source in elements.values() for name in source.arguments)
    for name in names:
        arguments: Sources[Argument] = {index: source.arguments.get(name) for index, source in present(sources)}
        argument = destination.add_argument(name, "")
        if _leaves_out(merging, arguments, argument):
            argument.is_removed = True
            del destination.arguments[name]
    for argument in destination.arguments.values():
        found: Sources[Argument] = {index: source.arguments.get(argument.name) for index, source in present(sources)}
        merge_argument(merging, found, argument)


def merge_argument(merging: Merging, sources: Sources[Argument], destination: Argument) -> None:
    merge_description(merging.state.report, sources, destination)
    merging.applied.record(sources, destination)
    merge_type_reference(merging, sources, destination, is_input=True)
    merge_default_value(merging.state.report, sources, destination)


def _leaves_out(merging: Merging, sources: Sources[Argument], destination: Argument) -> bool:
    if _is_contextual_somewhere(merging, sources):
        _check_contextual(merging, sources, destination)
        return True
    missing = [merging.state.subgraphs[index].name for index, source in sources.items() if source is None]
    if not missing:
        return False
    # Some subgraphs would not know what to do with the argument.
    report = merging.state.report
    required = [merging.state.subgraphs[index].name for index, source in present(sources) if source.is_required]
    if required:
        report.error(
            ErrorCode.REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH,
            f'Argument "{destination.coordinate}" is required in some subgraphs but does not appear in all subgraphs: it is'
            f" required in {print_subgraph_names(required)} but does not appear in {print_subgraph_names(missing)}",
            *sources.values(),
        )
    else:
        report.presence_hint(
            HintCode.INCONSISTENT_ARGUMENT_PRESENCE,
            f'Optional argument "{destination.coordinate}" will not be included in the supergraph as it does not appear in all'
            " subgraphs: ",
            destination,
            sources,
            lambda _: True,
            "it is defined in {}",
            include_missing=True,
        )
    return True


def _is_contextual(merging: Merging, index: int, argument: Argument) -> bool:
    metadata = merging.state.subgraphs[index].metadata
    return metadata.is_defined("fromContext") and argument.has(metadata.name_of("fromContext"))


def _is_contextual_somewhere(merging: Merging, sources: Sources[Argument]) -> bool:
    return any(source.directives and _is_contextual(merging, index, source) for index, source in present(sources))


def _check_contextual(merging: Merging, sources: Sources[Argument], destination: Argument) -> None:
    """Where an argument is not contextual it will not be passed, so it must do without."""
    report = merging.state.report
    for index, source in present(sources):
        if _is_contextual(merging, index, source):
            continue
        if is_non_null(source.type) and source.default is UNSET:
            report.error(
                ErrorCode.CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS,
                f'Argument "{destination.coordinate}" is contextual in at least one subgraph but in "{source.coordinate}" it does'
                " not have @fromContext, is not nullable and has no default value.",
                source,
            )
        else:
            report.hint(
                HintCode.CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS,
                f'Contextual argument "{source.coordinate}" will not be included in the supergraph since it is contextual in at'
                " least one subgraph",
            )
