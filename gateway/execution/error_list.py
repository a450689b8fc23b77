"""The errors of one answer: bounded, without repetition, and able to tell whether a null is explained already.

A value that is hidden from clients (an @inaccessible enum value or type) becomes null without an error, as nothing failed; it is noted
apart, for the answer's `extensions.valueCompletion`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

ClientPath: TypeAlias = tuple[str | int, ...]
JsonObject: TypeAlias = dict[str, Any]


class ErrorList:
    """Collects errors in the client's terms, at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: set[tuple[str, ClientPath | None]] = set()
        self._paths: set[ClientPath] = set()
        self._prefixes: set[ClientPath] = set()
        self._taken = 0
        self.errors: list[JsonObject] = []
        self.hidden: list[JsonObject] = []

    @property
    def is_full(self) -> bool:
        """Whether no more errors are taken."""
        return len(self.errors) >= self._limit

    def add(self, message: str, path: ClientPath | None, extensions: JsonObject) -> None:
        """Add an error; the same message at the same path is added once."""
        if self.is_full or (message, path) in self._seen:
            return
        self._seen.add((message, path))
        error: JsonObject = {"message": message}
        if path is not None:
            error["path"] = list(path)
            self._paths.add(path)
            self._prefixes.update(path[:length] for length in range(len(path) + 1))
        if extensions:
            error["extensions"] = extensions
        self.errors.append(error)

    def take(self) -> list[JsonObject]:
        """The errors added since this was asked last."""
        fresh = self.errors[self._taken :]
        self._taken = len(self.errors)
        return fresh

    def has_error_below(self, path: ClientPath) -> bool:
        """Whether there is an error at this path or below."""
        return path in self._prefixes

    def add_unless_explained(self, path: ClientPath, message: str, code: str) -> None:
        """Add an error about a null, unless an error at, above or below its path tells why already."""
        if path in self._prefixes or any(path[:length] in self._paths for length in range(1, len(path))):
            return
        self.add(message, path, {"code": code})

    def note_hidden(self, path: ClientPath, message: str) -> None:
        """Note that a value was hidden; no error."""
        if len(self.hidden) < self._limit:
            self.hidden.append({"message": message, "path": list(path)})
