"""@override: which declaration of a field it takes over, whether it may, and what can be cleaned up."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphql import Node

from ..error_codes import ErrorCode
from ..errors import print_types
from ..hint_codes import HintCode
from ..schema import Directive, Field
from ..schema.suggestions import did_you_mean, suggestions_for
from .field_context import NO_OVERRIDES, FieldOverrides
from .merging import Merging
from .sources import Sources, present

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*")
_PERCENT = re.compile(r"percent\((\d{1,2}(\.\d{1,8})?|100)\)", re.ASCII)


def fields_with_override(merging: Merging) -> set[str]:
    """Coordinates of fields that have an @override in some subgraph."""
    return {
        application.parent.coordinate
        for subgraph in merging.state.subgraphs
        for application in subgraph.metadata.applications("override")
    }


def check_overrides(
    merging: Merging, sources: Sources[Field], destination: Field, overridden: set[str]
) -> FieldOverrides:
    if destination.coordinate not in overridden:
        return NO_OVERRIDES
    return _FieldOverrideCheck(merging, sources, destination).check()


class _FieldOverrideCheck:
    """Checks all the overrides of one field."""

    def __init__(self, merging: Merging, sources: Sources[Field], destination: Field) -> None:
        self.state = merging.state
        self.report = merging.state.report
        self.sources = sources
        self.destination = destination
        self.coordinate = destination.coordinate
        self.result = FieldOverrides()
        self.applications: Mapping[int, Directive] = {
            index: found[0]
            for index, source in present(sources)
            if (found := self.state.subgraphs[index].metadata.applied(source, "override"))
        }

    def check(self) -> FieldOverrides:
        for index, application in self.applications.items():
            self._check_one(index, application)
        return self.result

    def _check_one(self, index: int, application: Directive) -> None:
        subgraph = self.state.subgraphs[index]
        field = self.sources[index]
        assert field is not None
        if field.parent.is_interface:
            self.report.error(
                ErrorCode.OVERRIDE_ON_INTERFACE,
                f'@override cannot be used on field "{self.coordinate}" on subgraph "{subgraph.name}": @override is not supported'
                " on interface type fields.",
                application,
            )
            return
        if subgraph.metadata.is_interface_object(field.parent):
            self.report.error(
                ErrorCode.OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
                "@override is not yet supported on fields of @interfaceObject types: cannot be used on field"
                f' "{self.coordinate}" on subgraph "{subgraph.name}".',
                application,
            )
            return
        names = self.state.names
        source_name = application.arguments.get("from")
        if source_name not in names:
            self.result.unknown_target.add(index)
            self._hint(
                HintCode.FROM_SUBGRAPH_DOES_NOT_EXIST,
                f'Source subgraph "{source_name}" for field "{self.coordinate}" on subgraph "{subgraph.name}" does not exist.'
                f"{did_you_mean(suggestions_for(str(source_name), names))}",
                application.node,
            )
            return
        source_index = names.index(source_name)
        if source_index == index:
            self.report.error(
                ErrorCode.OVERRIDE_FROM_SELF_ERROR,
                f'Source and destination subgraphs "{source_name}" are the same for overridden field "{self.coordinate}"',
                application,
            )
        elif source_index in self.applications:
            self.report.error(
                ErrorCode.OVERRIDE_SOURCE_HAS_OVERRIDE,
                f'Field "{self.coordinate}" on subgraph "{subgraph.name}" is also marked with directive @override in subgraph'
                f' "{source_name}". Only one @override directive is allowed per field.',
                application,
                self.applications[source_index],
            )
        else:
            self._check_source(index, application, source_index)

    def _check_source(self, index: int, application: Directive, source_index: int) -> None:
        subgraph_name = self.state.subgraphs[index].name
        source = self.sources.get(source_index)
        source_name = self.state.subgraphs[source_index].name
        if source is None:
            stand_ins = self.state.abstracting_fields(self.destination, source_index)
            if not stand_ins:
                self._hint(
                    HintCode.OVERRIDE_DIRECTIVE_CAN_BE_REMOVED,
                    f'Field "{self.coordinate}" on subgraph "{subgraph_name}" no longer exists in the from subgraph. The @override'
                    " directive can be removed.",
                    application.node,
                )
                return
            self.report.error(
                ErrorCode.OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
                f'Invalid @override on field "{self.coordinate}" of subgraph "{subgraph_name}": source subgraph "{source_name}"'
                f' does not have field "{self.coordinate}" but abstract it in'
                f" {print_types([field.parent.name for field in stand_ins])} and overriding abstracted fields is not supported.",
                application,
            )
            return
        collision = self._collision(index, source_index, source)
        if collision is not None:
            directive, where = collision
            self.report.error(
                ErrorCode.OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
                f'@override cannot be used on field "{source.coordinate}" on subgraph "{subgraph_name}" since'
                f' "{source.coordinate}" on "{where}" is marked with directive "@{directive}"',
                application,
                source,
            )
            return
        self._take_over(index, application, source_index, source)

    def _collision(self, index: int, source_index: int, source: Field) -> tuple[str, str] | None:
        """A directive that rules the override out, and the subgraph that has it."""
        metadata = self.state.subgraphs[source_index].metadata
        for name in ("requires", "provides"):
            if metadata.has(source, name):
                return metadata.name_of(name), self.state.subgraphs[source_index].name
        field = self.sources[index]
        if field is not None and self.state.is_external(index, field):
            return metadata.name_of("external"), self.state.subgraphs[index].name
        return None

    def _take_over(self, index: int, application: Directive, source_index: int, source: Field) -> None:
        subgraph_name = self.state.subgraphs[index].name
        source_name = self.state.subgraphs[source_index].name
        label = application.arguments.get("label")
        is_used = self.state.subgraphs[source_index].metadata.is_used(source)
        if self.state.is_external(source_index, source):
            self._hint(
                HintCode.OVERRIDE_DIRECTIVE_CAN_BE_REMOVED,
                f'Field "{self.coordinate}" on subgraph "{subgraph_name}" is not resolved anymore by the from subgraph (it is marked'
                f' "@external" in "{source_name}"). The @override directive can be removed.',
                application.node,
            )
        else:
            (self.result.used if is_used else self.result.unused).add(source_index)
            if not label:
                self._hint_to_remove(source, source_name, is_used)
        if label:
            self._check_label(index, application, source_index, label)
            self._hint_on_migration(source, source_name, is_used)

    def _hint_to_remove(self, source: Field, source_name: str, is_used: bool) -> None:
        advice = (
            "It is still used in some federation directive(s) (@key, @requires, and/or @provides) and/or to satisfy interface"
            " constraint(s), but consider marking it @external explicitly or removing it along with its references."
            if is_used
            else "Consider removing it."
        )
        message = f'Field "{self.coordinate}" on subgraph "{source_name}" is overridden. {advice}'
        self._hint(HintCode.OVERRIDDEN_FIELD_CAN_BE_REMOVED, message, source.node)

    def _check_label(self, index: int, application: Directive, source_index: int, label: str) -> None:
        if _LABEL.fullmatch(label) or _PERCENT.fullmatch(label):
            self.result.label_all((index, source_index), label)
            return
        self.report.error(
            ErrorCode.OVERRIDE_LABEL_INVALID,
            f'Invalid @override label "{label}" on field "{self.coordinate}" on subgraph "{self.state.subgraphs[index].name}":'
            " labels must start with a letter and after that may contain alphanumerics, underscores, minuses, colons, periods, or"
            ' slashes. Alternatively, labels may be of the form "percent(x)" where x is a float between 0-100 inclusive.',
            application,
        )

    def _hint_on_migration(self, source: Field, source_name: str, is_used: bool) -> None:
        message = (
            f'Field "{self.coordinate}" on subgraph "{source_name}" is currently being migrated via progressive @override. It is'
            " still used in some federation directive(s) (@key, @requires, and/or @provides) and/or to satisfy interface"
            " constraint(s). Once the migration is complete, consider marking it @external explicitly or removing it along with"
            " its references."
            if is_used
            else f'Field "{self.coordinate}" is currently being migrated with progressive @override. Once the migration is'
            f' complete, remove the field from subgraph "{source_name}".'
        )
        self._hint(HintCode.OVERRIDE_MIGRATION_IN_PROGRESS, message, source.node)

    def _hint(self, code: HintCode, message: str, node: Node | None) -> None:
        self.report.hint(code, message, self.destination, node)
