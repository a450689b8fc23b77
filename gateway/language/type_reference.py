"""Turn type nodes into the text of the type, and that text into the name it ends in."""

from __future__ import annotations

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode

_WRAPPERS = "[]! "


def print_type_node(node: TypeNode) -> str:
    """The text of a type: `[Product!]!`."""
    match node:
        case NamedTypeNode():
            return node.name.value
        case NonNullTypeNode():
            return print_type_node(node.type) + "!"
        case ListTypeNode():
            return f"[{print_type_node(node.type)}]"
    raise TypeError(f"unexpected type node {node.kind}")


def named_type_of(type_text: str) -> str:
    """The name inside all wrappers: `Product` of `[Product!]!`."""
    return type_text.strip(_WRAPPERS)
