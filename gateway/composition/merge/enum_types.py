"""Merge enums: all values for output, common values for input; for both, the values must be the same everywhere."""

from __future__ import annotations

from ...specs.join import ENUM_VALUE
from ..error_codes import ErrorCode
from ..hint_codes import HintCode
from ..schema import EnumValue, TypeDefinition
from .descriptions import merge_description
from .enum_usages import EnumUsage
from .merging import Merging
from .sources import Sources, present


def merge_enum(merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition) -> None:
    report = merging.state.report
    usage = merging.enum_usages.of(destination.name)
    if usage is None:
        # Merged as output, which loses no value: an enum may be unused for a while.
        report.hint(
            HintCode.UNUSED_ENUM_TYPE,
            f'Enum type "{destination.name}" is defined but unused. It will be included in the supergraph with all the values'
            ' appearing in any subgraph ("as if" it was only used as an output type).',
            destination,
        )
        usage = EnumUsage()
    for _, source in present(sources):
        for name in source.values:
            if name not in destination.values:
                destination.add_value(name)
    for value in list(destination.values.values()):
        _merge_value(merging, sources, destination, value, usage)
    if not destination.values:
        report.error(
            ErrorCode.EMPTY_MERGED_ENUM_TYPE,
            f'None of the values of enum type "{destination.name}" are defined consistently in all the subgraphs defining that'
            " type. As only values common to all subgraphs are merged, this would result in an empty type.",
            *sources.values(),
        )


def _merge_value(
    merging: Merging,
    sources: Sources[TypeDefinition],
    destination: TypeDefinition,
    value: EnumValue,
    usage: EnumUsage,
) -> None:
    state = merging.state
    values: Sources[EnumValue] = {index: source.values.get(value.name) for index, source in present(sources)}
    merge_description(state.report, values, value)
    merging.applied.record(values, value)
    for index, _ in present(values):
        value.apply(ENUM_VALUE, {"graph": state.graph_values[index]})
    if all(own is not None for own in values.values()):
        return
    if usage.input is None:
        _hint(merging, sources, destination, value, is_input=False)
    elif state.inaccessible is not None and value.has(state.inaccessible):
        return  # on purpose: this is how a value is rolled out
    elif usage.output is not None:
        _report_mismatch(merging, sources, destination, value, usage)
    else:
        _hint(merging, sources, destination, value, is_input=True)
        value.is_removed = True
        value.remove_applications()
        del destination.values[value.name]


def _hint(
    merging: Merging,
    sources: Sources[TypeDefinition],
    destination: TypeDefinition,
    value: EnumValue,
    *,
    is_input: bool,
) -> None:
    if is_input:
        code = HintCode.INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM
        outcome = "will not be part of the supergraph as it is not defined in all the subgraphs defining"
    else:
        code = HintCode.INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM
        outcome = "has been added to the supergraph but is only defined in a subset of the subgraphs defining"
    merging.state.report.presence_hint(
        code,
        f'Value "{value.name}" of enum type "{destination.name}" {outcome} "{destination.name}": ',
        value,
        sources,
        lambda source: value.name in source.values,
        f'"{value.name}" is defined in {{}}',
    )


def _report_mismatch(
    merging: Merging,
    sources: Sources[TypeDefinition],
    destination: TypeDefinition,
    value: EnumValue,
    usage: EnumUsage,
) -> None:
    assert usage.input is not None
    assert usage.output is not None
    report = merging.state.report
    found = report.distribution(
        sources,
        lambda source: "yes" if value.name in source.values else "no",
        "yes",
        lambda _, names: f'"{value.name}" is defined in {names}',
        lambda _, names: f" but not in {names}",
    )
    message = (
        f'Enum type "{destination.name}" is used as both input type (for example, as type of "{usage.input.coordinate}") and'
        f' output type (for example, as type of "{usage.output.coordinate}"), but value "{value.name}" is not defined in all the'
        f' subgraphs defining "{destination.name}": '
    )
    report.error(ErrorCode.ENUM_VALUE_MISMATCH, found.continued(message), *found.nodes, usage.input, usage.output)
