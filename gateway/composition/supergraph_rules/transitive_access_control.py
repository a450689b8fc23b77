"""A field that needs other fields, by @requires or @fromContext, asks for at least the access that those ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...specs.argument_merging import Requirements, dnf_conjunction, empty_means_true
from ...specs.context import CONTEXT_IDENTITY
from ...specs.join import FIELD
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, nodes_of
from ..merge.state import Merge
from ..schema import Element, Field, Schema
from ..schema.read_selections import parse_selections
from ..schema.selections import SelectedField, Selections


def transitive_access_control(merge: Merge) -> Iterator[CompositionError]:
    if merge.access_control:
        yield from _Check(merge).errors()


@dataclass(frozen=True, slots=True)
class _Access:
    """What an element asks for; None where it does not."""

    is_authenticated: bool = False
    scopes: Requirements | None = None
    policies: Requirements | None = None

    def and_also(self, other: _Access) -> _Access:
        return _Access(
            self.is_authenticated or other.is_authenticated,
            _both(self.scopes, other.scopes),
            _both(self.policies, other.policies),
        )

    def implies(self, other: _Access) -> bool:
        """Whether whoever has this access has the other too."""
        return (
            (self.is_authenticated or not other.is_authenticated)
            and _implies(self.scopes, other.scopes)
            and _implies(self.policies, other.policies)
        )


def _both(left: Requirements | None, right: Requirements | None) -> Requirements | None:
    given = [value for value in (left, right) if value is not None]
    return dnf_conjunction(given) if given else None


def _implies(left: Requirements | None, right: Requirements | None) -> bool:
    alternatives = [set(inner) for inner in empty_means_true(right if right is not None else [[]])]
    return all(
        any(set(inner) >= alternative for alternative in alternatives)
        for inner in empty_means_true(left if left is not None else [[]])
    )


class _Check:
    def __init__(self, merge: Merge) -> None:
        self.merge = merge
        self.schema: Schema = merge.supergraph
        self.subgraph_by_graph = dict(zip(merge.graph_values, merge.subgraphs, strict=True))
        self.types_by_context: dict[str, list[str]] = {}
        context = next(
            (name for name, known in merge.spec_directives.items() if known.identity == CONTEXT_IDENTITY), None
        )
        for application in self.schema.applications.get(context or "", ()):
            self.types_by_context.setdefault(application.arguments["name"], []).append(application.parent.name)

    def errors(self) -> Iterator[CompositionError]:
        for coordinate in self._fields_with("requires"):
            yield from self._check_requires(coordinate)
        for coordinate in self._fields_with("fromContext"):
            yield from self._check_contexts(coordinate)

    def _fields_with(self, directive: str) -> list[str]:
        """Coordinates of fields that have the directive, or an argument that has it, in some subgraph."""
        found: dict[str, None] = {}
        for subgraph in self.merge.subgraphs:
            for application in subgraph.metadata.applications(directive):
                element = application.parent
                field = element if isinstance(element, Field) else getattr(element, "parent", None)
                if isinstance(field, Field):
                    found[field.coordinate] = None
        return list(found)

    def _access(self, element: Element | None) -> _Access:
        if element is None or not element.directives:
            return _Access()
        names = self.merge.access_control
        scopes = element.applied(names.get("requiresScopes"))
        policies = element.applied(names.get("policy"))
        return _Access(
            element.has(names.get("authenticated", "")),
            scopes[0].arguments.get("scopes") if scopes else None,
            policies[0].arguments.get("policies") if policies else None,
        )

    def _field_access(self, field: Field) -> _Access:
        return self._access(field.parent).and_also(self._access(field))

    def _check_requires(self, coordinate: str) -> Iterator[CompositionError]:
        field = self.schema.element(coordinate)
        if not isinstance(field, Field):
            return
        access = self._field_access(field)
        for join in field.applied(FIELD):
            field_set = join.arguments.get("requires")
            if not field_set:
                continue
            problem = self._first_problem(
                field, access, "@requires", parse_selections(field.parent, field_set, validate=False)
            )
            if problem is not None:
                yield self._in_subgraph(problem, coordinate, join.arguments.get("graph"))

    def _check_contexts(self, coordinate: str) -> Iterator[CompositionError]:
        field = self.schema.element(coordinate)
        if not isinstance(field, Field):
            return
        access = self._field_access(field)
        for join in field.applied(FIELD):
            for argument in join.arguments.get("contextArguments") or ():
                for type_name in self.types_by_context.get(argument["context"], ()):
                    problem = self._context_problem(
                        field, access, argument["context"], type_name, argument["selection"]
                    )
                    if problem is not None:
                        yield self._in_subgraph(problem, coordinate, join.arguments.get("graph"))

    def _context_problem(
        self, field: Field, access: _Access, context: str, type_name: str, selection: str
    ) -> CompositionError | None:
        type_ = self.schema.types[type_name]
        if not access.implies(self._access(type_)):
            return self._problem(field, f"transitive data in context {context} from @fromContext selection set")
        try:
            selections = parse_selections(type_, selection, validate=False)
        except InvalidSchema as problem:
            return problem.errors[0]
        return self._first_problem(field, access, "@fromContext", selections)

    def _first_problem(
        self, field: Field, access: _Access, directive: str, selections: Selections
    ) -> CompositionError | None:
        for selection in selections:
            if isinstance(selection, SelectedField):
                needed = selection.field
                if not (access.implies(self._access(needed)) and access.implies(self._access(selection.type))):
                    what = f'transitive field "{needed.coordinate}" data from {directive} selection set'
                    return self._problem(field, what)
            elif selection.type_condition is not None and not access.implies(self._access(selection.type_condition)):
                what = (
                    f'transitive data in inline fragment type condition "{selection.type_condition.name}" from {directive}'
                    " selection set"
                )
                return self._problem(field, what)
            problem = self._first_problem(field, access, directive, selection.selections)
            if problem is not None:
                return problem
        return None

    @staticmethod
    def _problem(field: Field, what: str) -> CompositionError:
        return error(
            ErrorCode.MISSING_TRANSITIVE_AUTH_REQUIREMENTS,
            f'Field "{field.coordinate}" does not specify necessary @authenticated, @requiresScopes and/or @policy auth'
            f" requirements to access the {what}.",
        )

    def _in_subgraph(self, problem: CompositionError, coordinate: str, graph: object) -> CompositionError:
        subgraph = self.subgraph_by_graph.get(str(graph))
        if subgraph is None:
            return problem
        return replace(problem.in_subgraph(subgraph.name), nodes=nodes_of([subgraph.schema.element(coordinate)]))
