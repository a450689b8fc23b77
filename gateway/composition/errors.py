"""What composition reports: errors with a code, hints with a code and level, each with the places in the subgraphs it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from graphql import Node

from .error_codes import ErrorCode

FEDERATION_DIRECTIVES_WITH_FIELDS = ("key", "provides", "requires")


@dataclass(frozen=True, slots=True)
class CompositionError:
    """One reason why the subgraphs do not compose."""

    code: ErrorCode
    message: str
    nodes: tuple[Node, ...] = ()
    """Where, in the subgraphs' SDL; the name of a node's source is the name of its subgraph."""
    subgraph: str | None = None
    """The one subgraph that is wrong by itself, if it is one."""
    inaccessible: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """For misuse of @inaccessible: the coordinates of the hidden elements, and of what refers to them."""

    def in_subgraph(self, name: str) -> CompositionError:
        return replace(self, message=f"[{name}] {self.message}", subgraph=name)


class InvalidSchema(Exception):
    """Raised when a schema cannot be built or is not valid, with every error found."""

    def __init__(self, errors: Iterable[CompositionError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))


def error(code: ErrorCode, message: str, *elements: object) -> CompositionError:
    """An error at the given elements (anything with a `node`), AST nodes or None."""
    return CompositionError(code, message, nodes_of(elements))


def invalid(code: ErrorCode, message: str, *elements: object) -> InvalidSchema:
    return InvalidSchema([error(code, message, *elements)])


def nodes_of(elements: Iterable[object]) -> tuple[Node, ...]:
    nodes = (element if isinstance(element, Node) else getattr(element, "node", None) for element in elements)
    return tuple(node for node in nodes if node is not None)


def directive_code(directive: str, suffix: str) -> ErrorCode:
    """`KEY_INVALID_FIELDS` of ("key", "INVALID_FIELDS")."""
    return ErrorCode(f"{directive.upper()}_{suffix}")


def print_list(names: Sequence[str], *, one: str = "", many: str = "", cutoff: int = 100) -> str:
    """`subgraphs "a", "b" and "c"`; cut with dots where it gets longer than `cutoff` characters."""
    if not names:
        return ""
    if len(names) == 1:
        return f"{one} {names[0]}" if one else names[0]
    shown = 0
    length = 0
    for name in names:
        length += len(name)
        shown += length <= cutoff
    shown = max(1, shown)
    prefix = f"{many or one} " if many or one else ""
    if shown == len(names):
        return prefix + join_strings(names)
    return prefix + join_strings(names[:shown], last=", ") + ", ..."


def join_strings(parts: Sequence[str], separator: str = ", ", first: str | None = None, last: str = " and ") -> str:
    if len(parts) <= 1:
        return "".join(parts)
    if len(parts) == 2:
        return parts[0] + (first or last) + parts[1]
    return parts[0] + (first or separator) + separator.join(parts[1:-1]) + last + parts[-1]


def print_subgraph_names(names: Sequence[str]) -> str:
    return print_list([f'"{name}"' for name in names], one="subgraph", many="subgraphs")


def print_types(names: Sequence[str]) -> str:
    return print_list([f'"{name}"' for name in names], one="type", many="types")
