"""Python source written line by line and turned into functions: what is known per operation becomes straight code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any


class SourceWriter:
    """Collects lines at the current indentation, and the values that the source refers to by name.

    Names and keys of a query enter the source only as `repr` of strings, so that nothing a client wrote can become code.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._names = 0
        self.values: dict[str, Any] = {}

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a line that opens a block, and indent what follows."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def bind(self, prefix: str, value: Any) -> str:
        """Give a value a name that the source can use."""
        name = self.new_name(prefix)
        self.values[name] = value
        return name

    def new_name(self, prefix: str) -> str:
        """A name that is not used yet."""
        self._names += 1
        return f"{prefix}{self._names}"

    def text(self) -> str:
        """The source so far."""
        return "\n".join(self._lines) + "\n"

    def compile(self, title: str) -> dict[str, Any]:
        """Run the source; the functions it defines are in the returned namespace."""
        namespace = dict(self.values)
        exec(_code_of(self.text(), title), namespace)
        return namespace


# Most fetches of an operation, and many operations, come to the same few lines; compiling is what costs.
@lru_cache(maxsize=1024)
def _code_of(text: str, title: str) -> CodeType:
    return compile(text, f"<{title}>", "exec")
