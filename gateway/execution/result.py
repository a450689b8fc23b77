"""ExecutionResult: the answer to one operation, or one event of a subscription, in the client's terms."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import orjson

JsonObject: TypeAlias = dict[str, Any]

NESTED_TOO_DEEPLY: JsonObject = {
    "message": "A subgraph sent what is nested too deeply to be passed on.",
    "extensions": {"code": "DOWNSTREAM_SERVICE_ERROR"},
}


@dataclass(slots=True)
class ExecutionResult:
    """`data` may be shared between places of the answer (an entity met twice is one object): read it, do not change it.

    `patches` is set for an operation with @defer: each item is one further payload as JSON bytes, and `to_bytes()` is the first.
    """

    data: JsonObject | None
    errors: list[JsonObject] = field(default_factory=list)
    extensions: JsonObject = field(default_factory=dict)
    subgraph_headers: list[tuple[str, int, tuple[tuple[bytes, bytes], ...]]] = field(default_factory=list)
    pending: list[JsonObject] = field(default_factory=list)
    patches: AsyncGenerator[bytes] | None = None
    is_shared: bool = False
    """Whether other requests have this very object: whoever changes anything of it changes an `own()` one."""
    _bytes: bytes | None = field(default=None, repr=False, compare=False)

    def own(self) -> ExecutionResult:
        """A result that nobody else has."""
        if not self.is_shared:
            return self
        return replace(self, errors=list(self.errors), extensions=dict(self.extensions), is_shared=False, _bytes=None)

    def to_bytes(self) -> bytes:
        """The answer as JSON. `errors` come first, as the specification advises, so that they are seen."""
        if not self.is_shared:
            return self._dumped()
        if self._bytes is None:
            self._bytes = self._dumped()
        return self._bytes

    def _dumped(self) -> bytes:
        answer: JsonObject = {}
        if self.errors:
            answer["errors"] = self.errors
        answer["data"] = self.data
        if self.patches is not None:
            answer["pending"] = self.pending
            answer["hasNext"] = True
        if self.extensions:
            answer["extensions"] = self.extensions
        try:
            return orjson.dumps(answer)
        except orjson.JSONEncodeError:
            return orjson.dumps(self._what_can_be_written())

    def _what_can_be_written(self) -> JsonObject:
        """What is left where a subgraph has nested a scalar, or the extensions of an error, beyond what can be written."""
        told = [{key: value for key, value in error.items() if key != "extensions"} for error in self.errors]
        return {"errors": [*told, NESTED_TOO_DEEPLY], "data": None}
