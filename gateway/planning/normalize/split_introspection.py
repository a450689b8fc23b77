"""Take `__schema` and `__type` out of the root fields: the gateway answers them itself, from the API schema."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)

from ..operation import IntrospectionField
from .collect_fields import Collected

_INTROSPECTION = frozenset({"__schema", "__type"})


def split_introspection(
    collected: Collected, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[Collected, tuple[IntrospectionField, ...]]:
    """The other root fields, and the introspection fields with named fragments turned into inline ones."""
    introspection = []
    regions = {}
    for key, drafts in collected.regions.items():
        rest = {}
        for response_key, draft in drafts.items():
            if draft.node.name.value not in _INTROSPECTION:
                rest[response_key] = draft
                continue
            selections: list[SelectionNode] = []
            for source in draft.sources():
                selections += _inlined(source.selection_set, fragments).selections
            node = FieldNode(
                name=draft.node.name,
                alias=draft.node.alias,
                arguments=draft.node.arguments,
                directives=(),
                selection_set=SelectionSetNode(selections=tuple(selections)),
            )
            introspection.append(IntrospectionField(draft.order, node, draft.guard))
        regions[key] = rest
    return Collected(regions, collected.defer_marks), tuple(introspection)


def _inlined(selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> SelectionSetNode:
    selections: list[SelectionNode] = []
    for node in selection_set.selections:
        match node:
            case FieldNode() if node.selection_set is not None:
                selections.append(
                    FieldNode(
                        name=node.name,
                        alias=node.alias,
                        arguments=node.arguments,
                        directives=node.directives,
                        selection_set=_inlined(node.selection_set, fragments),
                    )
                )
            case InlineFragmentNode():
                selections.append(
                    InlineFragmentNode(
                        type_condition=node.type_condition,
                        directives=node.directives,
                        selection_set=_inlined(node.selection_set, fragments),
                    )
                )
            case FragmentSpreadNode():
                fragment = fragments[node.name.value]
                selections.append(
                    InlineFragmentNode(
                        type_condition=fragment.type_condition,
                        directives=node.directives,
                        selection_set=_inlined(fragment.selection_set, fragments),
                    )
                )
            case _:
                selections.append(node)
    return SelectionSetNode(selections=tuple(selections))
