"""Merge default values: there is one only where every subgraph has it, and different ones are an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ...specs.feature import ConstValue
from ..error_codes import ErrorCode
from ..hint_codes import HintCode
from ..schema import UNSET, Argument, Field
from ..schema.values import print_value, same_value
from .report import Report
from .sources import present

Defaulted = TypeVar("Defaulted", Argument, Field)


def merge_default_value(report: Report, sources: Mapping[int, Defaulted | None], destination: Defaulted) -> None:
    merged: ConstValue = UNSET
    has_seen_source = False
    is_inconsistent = False
    is_incompatible = False
    for _, source in present(sources):
        default = source.default
        if merged is UNSET:
            merged = default
            is_inconsistent |= has_seen_source and default is not UNSET
        elif default is UNSET or not same_value(merged, default):
            is_inconsistent = True
            is_incompatible |= default is not UNSET
        has_seen_source = True
    if not is_inconsistent or is_incompatible:
        destination.default = merged
    kind = "Argument" if isinstance(destination, Argument) else "Input field"
    coordinate = destination.coordinate
    if is_incompatible:
        is_argument = isinstance(destination, Argument)
        report.mismatch_error(
            ErrorCode.FIELD_ARGUMENT_DEFAULT_MISMATCH if is_argument else ErrorCode.INPUT_FIELD_DEFAULT_MISMATCH,
            f'{kind} "{coordinate}" has incompatible default values across subgraphs: it has ',
            sources,
            describe_default,
            describe_default(destination),
        )
    elif is_inconsistent:
        found = report.distribution(
            sources,
            lambda source: None if source.default is UNSET else print_value(source.default, source.type, source.schema),
            None,
            lambda _, names: f"will not use a default in the supergraph (there is no default in {names}) but ",
            lambda value, names: f'"{coordinate}" has default value {value} in {names}',
        )
        message = f'{kind} "{coordinate}" has a default value in only some subgraphs: '
        code = HintCode.INCONSISTENT_DEFAULT_VALUE_PRESENCE
        report.hint(code, found.continued(message) + ".", destination, *found.nodes)


def describe_default(element: Argument | Field) -> str:
    if element.default is UNSET:
        return "no default value"
    return f"default value {print_value(element.default, element.type, element.schema)}"
