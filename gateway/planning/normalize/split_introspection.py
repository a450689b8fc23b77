"""Take `__schema` and `__type` out of the root fields: the gateway answers them itself, from the API schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from ..guards import Guard
from ..operation import INTROSPECTION_FIELDS, IntrospectionField
from ..query_plan import Condition
from .collect_fields import Collected, FieldDraft


def split_introspection(
    collected: Collected, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[Collected, tuple[IntrospectionField, ...]]:
    """The other root fields, and the introspection fields with the fragments that they need."""
    introspection = []
    regions = {}
    for key, drafts in collected.regions.items():
        rest = {}
        for response_key, draft in drafts.items():
            if draft.node.name.value not in INTROSPECTION_FIELDS:
                rest[response_key] = draft
                continue
            node = _merged_node(draft)
            introspection.append(IntrospectionField(draft.order, node, _needed_fragments(node, fragments), draft.guard))
        regions[key] = rest
    return Collected(regions, collected.defer_marks), tuple(introspection)


def _merged_node(draft: FieldDraft) -> FieldNode:
    """One field with all that was selected below it; what is under narrower conditions than the field stands in fragments."""
    selections: list[SelectionNode] = []
    for source in draft.sources():
        selections += _under(source.guard, source.selection_set)
    return FieldNode(
        name=draft.node.name,
        alias=draft.node.alias,
        arguments=draft.node.arguments,
        directives=(),
        selection_set=SelectionSetNode(selections=tuple(selections)),
    )


def _under(guard: Guard, selection_set: SelectionSetNode) -> Iterator[SelectionNode]:
    for alternative in guard:
        inner = selection_set
        for condition in alternative:
            fragment = InlineFragmentNode(directives=(_directive(condition),), selection_set=inner)
            inner = SelectionSetNode(selections=(fragment,))
        yield from inner.selections


def _directive(condition: Condition) -> DirectiveNode:
    return DirectiveNode(
        name=NameNode(value="skip" if condition.negated else "include"),
        arguments=(
            ArgumentNode(name=NameNode(value="if"), value=VariableNode(name=NameNode(value=condition.variable_name))),
        ),
    )


def _needed_fragments(
    node: FieldNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[FragmentDefinitionNode, ...]:
    """The fragments spread in a field, and in these. They stay what they are: written out they might grow without end."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting = [node.selection_set]
    while waiting:
        selection_set = waiting.pop()
        for selection in selection_set.selections if selection_set is not None else ():
            if not isinstance(selection, FragmentSpreadNode):
                waiting.append(selection.selection_set)  # type: ignore[attr-defined]  # a field or an inline fragment
            elif selection.name.value not in found:
                fragment = found[selection.name.value] = fragments[selection.name.value]
                waiting.append(fragment.selection_set)
    return tuple(found.values())
