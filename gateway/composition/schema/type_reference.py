"""Types as they are written, `[User!]!`: what is wrapped in what, and which one can stand in for another.

A type reference is a plain string. Two subgraphs mean the same type when they write it the same, so comparing, grouping
and printing need no structure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

TypeReference: TypeAlias = str

IsDirectSubtype: TypeAlias = Callable[[str, str], bool]
"""(name of an interface or union, name of a type) -> whether the second implements or is a member of the first."""


def base_name(reference: TypeReference) -> str:
    """`User` of `[User!]!`."""
    return reference.strip("[]!")


def is_non_null(reference: TypeReference) -> bool:
    return reference.endswith("!")


def nullable(reference: TypeReference) -> TypeReference:
    return reference[:-1] if reference.endswith("!") else reference


def is_list(reference: TypeReference) -> bool:
    """Whether this is a list, and not a non-null list."""
    return reference.endswith("]")


def is_list_or_non_null_list(reference: TypeReference) -> bool:
    return reference.startswith("[")


def item_of(list_reference: TypeReference) -> TypeReference:
    return list_reference[1:-1]


def with_base(reference: TypeReference, name: str) -> TypeReference:
    """The same wrappers around another name."""
    return reference.replace(base_name(reference), name)


def is_subtype(reference: TypeReference, candidate: TypeReference, is_direct: IsDirectSubtype) -> bool:
    return reference == candidate or is_strict_subtype(reference, candidate, is_direct)


def is_strict_subtype(reference: TypeReference, candidate: TypeReference, is_direct: IsDirectSubtype) -> bool:
    """Whether every value of `candidate` is one of `reference`, and the two differ."""
    if reference == candidate:
        return False
    if is_non_null(candidate):
        return is_subtype(nullable(reference), nullable(candidate), is_direct)
    if is_non_null(reference):
        return False
    if is_list(candidate):
        return is_list(reference) and is_subtype(item_of(reference), item_of(candidate), is_direct)
    if is_list(reference):
        return False
    return is_direct(reference, candidate)
