"""Find the operation to plan in a document, and its fragments by name."""

from __future__ import annotations

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from ...errors import PlanningError
from ..query_plan import OperationKind

_KINDS: dict[str, OperationKind] = {"query": "query", "mutation": "mutation", "subscription": "subscription"}


def select_operation(
    document: DocumentNode, operation_name: str | None
) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    """The operation of that name, or the only one. Raises PlanningError when there is none, or several without a name."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if operation_name is not None:
        operations = [node for node in operations if node.name and node.name.value == operation_name]
    if not operations:
        raise PlanningError(
            f'the document has no operation named "{operation_name}"'
            if operation_name
            else "the document has no operation"
        )
    if len(operations) > 1:
        raise PlanningError("the document has several operations: an operation name must say which one is meant")
    return operations[0], fragments


def operation_kind(definition: OperationDefinitionNode) -> OperationKind:
    """The kind of an operation as plans write it."""
    return _KINDS[definition.operation.value]
