"""Introspection, answered from the API schema: the `__schema` and `__type` fields of an operation never reach a subgraph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    execute_sync,
    visit,
)

from ..planning.query_plan import ProjectedField, QueryPlan


@dataclass(slots=True)
class Introspection:
    """The introspection fields of one operation, as an operation of their own whose response keys are the tree keys."""

    schema: GraphQLSchema
    document: DocumentNode
    uses_variables: bool
    _answer: dict[str, Any] | None = None

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What goes into the response tree. Kept when it is the same for every request."""
        if self._answer is not None:
            return self._answer
        result = execute_sync(self.schema, self.document, variable_values=dict(variables))
        assert isinstance(result, ExecutionResult)
        answer = result.data or {}
        if not self.uses_variables:
            self._answer = answer
        return answer


def build_introspection(
    plan: QueryPlan, schema: GraphQLSchema, operation: OperationDefinitionNode | None
) -> Introspection | None:
    """The plan's introspection fields; None when it has none."""
    asked = [field for field in plan.projection if field.introspection is not None]
    if not asked:
        return None
    fields = [_under_tree_key(field) for field in asked]
    fragments = {fragment.name.value: fragment for field in asked for fragment in field.introspection_fragments}
    names = _VariableNames()
    for node in (*fields, *fragments.values()):
        visit(node, names)
    definitions = tuple(
        definition
        for definition in (operation.variable_definitions or () if operation is not None else ())
        if definition.variable.name.value in names.found
    )
    wanted = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=tuple(fields)),
    )
    return Introspection(schema, DocumentNode(definitions=(wanted, *fragments.values())), bool(names.found))


def _under_tree_key(field: ProjectedField) -> FieldNode:
    node = field.introspection
    assert node is not None
    return FieldNode(
        alias=NameNode(value=field.tree_key),
        name=node.name,
        arguments=node.arguments,
        directives=node.directives,
        selection_set=node.selection_set,
    )


class _VariableNames(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found.add(node.name.value)
