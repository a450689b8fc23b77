"""Merge applied directives: repeatable ones are collected, of others one application is chosen or their arguments are merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...specs.argument_merging import merge_argument_values
from ...specs.feature import ConstValue
from ..hint_codes import HintCode
from ..schema import UNSET, Directive, Element, Field, Schema, TypeDefinition
from ..schema.type_reference import is_non_null
from ..schema.values import print_value, same_value, with_defaults
from .access_control import AccessControlSources
from .sources import present
from .state import Merge


@dataclass(frozen=True, slots=True)
class _Pending:
    """Directives to merge once all elements are merged."""

    names: tuple[str, ...]
    sources: Mapping[int, Element | None]
    destination: Element


class AppliedDirectives:
    """Records what is applied where, and merges it at the end; @inaccessible at once, since merging of enums and inputs asks for it."""

    def __init__(self, state: Merge) -> None:
        self._state = state
        self._pending: list[_Pending] = []

    @cached_property
    def access_control(self) -> AccessControlSources:
        return AccessControlSources(self._state)

    def record(self, sources: Mapping[int, Element | None], destination: Element) -> None:
        names = self._names(sources)
        self._merge_inaccessible(names, sources, destination)
        if names:
            self._pending.append(_Pending(tuple(names), sources, destination))

    def record_with_access_control(
        self, sources: Mapping[int, Element | None], destination: TypeDefinition | Field
    ) -> None:
        """As `record`, for fields and interfaces, which may take over access control from elsewhere."""
        names = self._names(sources)
        self._merge_inaccessible(names, sources, destination)
        for directive, name in self._state.access_control.items():
            others = self.access_control.of(destination.coordinate, directive)
            if name in names or others:
                # From here on the positions no longer say which subgraph: access control does not ask.
                elements = [*sources.values(), *others]
                self._pending.append(_Pending((name,), dict(enumerate(elements)), destination))
            names.pop(name, None)
        if names:
            self._pending.append(_Pending(tuple(names), sources, destination))

    def merge_all(self) -> None:
        for pending in self._pending:
            # Elements may have been left out again, because not all subgraphs have them.
            if not pending.destination.is_removed:
                for name in pending.names:
                    self.merge(name, pending.sources, pending.destination)
        self._pending = []

    def merge(self, name: str, sources: Mapping[int, Element | None], destination: Element) -> None:
        per_source = {index: found for index, source in present(dict(sources)) if (found := source.applied(name))}
        if not per_source:
            return
        definition = self._state.supergraph.directive(name)
        if definition is not None and definition.is_repeatable:
            self._merge_repeatable(name, per_source, destination)
        else:
            self._merge_single(name, per_source, sources, destination)

    def _names(self, sources: Mapping[int, Element | None]) -> dict[str, None]:
        names: dict[str, None] = {}
        for index, source in sources.items():
            if source is None or not source.directives:
                continue
            subgraph_name = self._state.subgraphs[index].name
            for directive in source.directives:
                if self._state.is_merged_application(subgraph_name, directive.name):
                    names[directive.name] = None
        return names

    def _merge_inaccessible(
        self, names: dict[str, None], sources: Mapping[int, Element | None], destination: Element
    ) -> None:
        inaccessible = self._state.inaccessible
        if inaccessible is not None and inaccessible in names:
            self.merge(inaccessible, sources, destination)
            del names[inaccessible]

    def _merge_repeatable(self, name: str, per_source: dict[int, list[Directive]], destination: Element) -> None:
        known = self._state.spec_directives.get(name)
        kept: list[ConstValue] = []
        for index, applications in per_source.items():
            for application in applications:
                arguments = full_arguments(application)
                if any(same_value(arguments, other) for other in kept):
                    continue
                kept.append(arguments)
                applied = dict(application.arguments)
                if known is not None and known.has_context_name:
                    applied = {"name": f"{self._state.subgraphs[index].name}__{application.arguments.get('name')}"}
                destination.apply(name, applied)

    def _merge_single(
        self,
        name: str,
        per_source: dict[int, list[Directive]],
        sources: Mapping[int, Element | None],
        destination: Element,
    ) -> None:
        different: list[tuple[Directive, ConstValue]] = []
        counts: list[int] = []
        for applications in per_source.values():
            arguments = full_arguments(applications[0])
            position = next((i for i, (_, other) in enumerate(different) if same_value(arguments, other)), None)
            if position is None:
                different.append((applications[0], arguments))
                counts.append(1)
            else:
                counts[position] += 1
        if len(different) == 1:
            destination.apply(name, dict(different[0][0].arguments))
            return
        known = self._state.spec_directives.get(name)
        if known is not None and known.strategies:
            values = {
                argument: merge_argument_values(strategy, [arguments.get(argument) for _, arguments in different])
                for argument, strategy in known.strategies.items()
            }
            destination.apply(name, {argument: value for argument, value in values.items() if value is not UNSET})
            strategies = ", ".join(f'"{argument}": {strategy}' for argument, strategy in known.strategies.items())
            self._state.report.hint(
                HintCode.MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
                f'Directive @{name} is applied to "{destination.coordinate}" in multiple subgraphs with different arguments.'
                f" Merging strategies used by arguments: {{ {strategies} }}",
            )
            return
        chosen = different[counts.index(max(counts))][0]
        applied = destination.apply(name, dict(chosen.arguments))
        self._hint_on_other_arguments(name, applied, sources, destination)

    def _hint_on_other_arguments(
        self, name: str, applied: Directive, sources: Mapping[int, Element | None], destination: Element
    ) -> None:
        report = self._state.report
        found = report.distribution(
            {index: source for index, source in present(dict(sources)) if source.has(name)},
            lambda source: _print_arguments(source.applied(name)[-1]),
            _print_arguments(applied),
            lambda value, names: f"The supergraph will use {value} (from {names}), but found ",
            lambda value, names: f"{value} in {names}",
        )
        message = (
            f'Non-repeatable directive @{name} is applied to "{destination.coordinate}" in multiple subgraphs but with'
            " incompatible arguments. "
        )
        report.hint(
            HintCode.INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
            found.continued(message) + ".",
            None if isinstance(destination, Schema) else destination,
            *found.nodes,
        )


def full_arguments(directive: Directive) -> dict[str, ConstValue]:
    """The arguments with defaults filled in: whether a default is spelled out makes no difference."""
    definition = directive.parent.schema.directive(directive.name)
    if definition is None:
        return directive.arguments
    schema = definition.schema
    values: dict[str, Any] = {}
    for argument in definition.arguments.values():
        value = directive.arguments.get(argument.name, argument.default)
        if value is not UNSET:
            values[argument.name] = with_defaults(schema, value, argument.type)
        elif not is_non_null(argument.type):
            values[argument.name] = None
    return values


def _print_arguments(directive: Directive) -> str:
    return f"arguments {print_value(directive.arguments)}" if directive.arguments else "no arguments"
