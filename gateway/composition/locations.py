"""Where something stands in a subgraph's SDL: file, line, column, and the lines themselves with carets below."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import Node, Source
from graphql.language import DirectiveNode, Location, NameNode, Token, TokenKind

CONTEXT_WIDTH = 160  # characters of a line that are shown; SDL of one huge line is cut


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in the SDL of a subgraph; line and column count from 1."""

    subgraph: str
    line: int
    column: int
    end_line: int
    text: str
    """The line it begins in."""
    width: int
    """How many characters of that line it spans."""


def location_of(node: Node) -> SourceLocation | None:
    """None for elements that no SDL spells out, such as what @link brings in."""
    if node.loc is None:
        return None
    # The name says best where a definition is: its description may be long. A directive is told by all of it.
    name = None if isinstance(node, DirectiveNode) else getattr(node, "name", None)
    at = name.loc if isinstance(name, NameNode) and name.loc else node.loc
    line, column = _line_and_column(at.source.body, at.start)
    end_line, _ = _line_and_column(node.loc.source.body, max(node.loc.start, node.loc.end - 1))
    text = _line_at(at.source.body, at.start - column + 1)
    return SourceLocation(
        at.source.name, line, column, end_line, text, max(1, min(at.end - at.start, len(text) - column + 1))
    )


def caret_block(location: SourceLocation, file: str | None = None) -> str:
    """The line with its number and carets under the place, as compilers print it."""
    start = max(0, location.column - 1 - CONTEXT_WIDTH // 2) if len(location.text) > CONTEXT_WIDTH else 0
    shown = location.text[start : start + CONTEXT_WIDTH]
    gutter = " " * len(str(location.line))
    # A tab stays a tab, so that the carets stand below what they point at however wide it is shown.
    before = "".join("\t" if char == "\t" else " " for char in shown[: location.column - 1 - start])
    carets = before.ljust(location.column - 1 - start) + "^" * min(location.width, CONTEXT_WIDTH)
    where = f"{file or location.subgraph}:{location.line}:{location.column}"
    return f"{gutter}--> {where}\n{gutter} |\n{location.line} | {shown}\n{gutter} | {carets}"


def node_at(source: Source, position: int) -> Node:
    """A node that has nothing but a position."""
    line, column = _line_and_column(source.body, position)
    end = min(position + 1, max(len(source.body), position))
    token = Token(TokenKind.NAME, position, end, line, column)
    return NameNode(value="", loc=Location(token, token, source))


def _line_at(body: str, start: int) -> str:
    """The text from here to the end of the line; lines end as in GraphQL, which knows fewer kinds of ends than Python."""
    ends = [end for end in (body.find("\n", start), body.find("\r", start)) if end >= 0]
    return body[start : min(ends, default=len(body))]


def _line_and_column(body: str, position: int) -> tuple[int, int]:
    before = body[:position]
    line_start = max(before.rfind("\n"), before.rfind("\r")) + 1
    return len(before.replace("\r\n", "\n").replace("\r", "\n").split("\n")), position - line_start + 1
