"""MockTransport: a scripted subgraph for tests. It answers in the order of its script and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from ..errors import TransportError
from .dispatch import NOTHING_TO_CANCEL, AnswerCallback, Cancellable, DispatchingTransport, Outcome
from .interface import SubgraphRequest, SubgraphResponse

JsonObject: TypeAlias = Mapping[str, Any]
JSON_HEADERS = ((b"content-type", b"application/json"),)


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """One line of the script: a GraphQL answer, raw bytes or an error, given after `delay` seconds."""

    answer: JsonObject | bytes | TransportError
    status: int = 200
    delay: float = 0.0


class MockTransport(DispatchingTransport):
    """`MockTransport([{"data": {"a": 1}}, SubgraphTimeout(...)])`: each fetch takes the next answer of the script.

    `events` is what `subscribe` yields. `requests` holds all that was asked; its JSON bodies are in `bodies`.
    """

    def __init__(
        self, script: Iterable[MockAnswer | JsonObject | TransportError] = (), events: Iterable[JsonObject] = ()
    ) -> None:
        self._script = [item if isinstance(item, MockAnswer) else MockAnswer(item) for item in script]
        self._events = list(events)
        self._asked = 0
        self.requests: list[SubgraphRequest] = []
        self.cancelled = 0
        self.is_closed = False

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "open"
        return (
            f"<MockTransport {state}: {self._asked} of {len(self._script)} answers given, {self.cancelled} cancelled>"
        )

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was asked, as JSON objects."""
        return [orjson.loads(request.body) for request in self.requests]

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        self.requests.append(request)
        if self._asked == len(self._script):
            raise AssertionError(f"MockTransport was asked once more than its script has answers: {request.body!r}")
        line = self._script[self._asked]
        self._asked += 1
        if line.delay == 0:
            on_outcome(_outcome(line))
            return NOTHING_TO_CANCEL
        timer = asyncio.get_running_loop().call_later(line.delay, on_outcome, _outcome(line))
        return _Delayed(self, timer)

    async def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        self.requests.append(request)
        for event in self._events:
            yield orjson.dumps(event)

    async def aclose(self) -> None:
        self.is_closed = True


class _Delayed:
    def __init__(self, owner: MockTransport, timer: asyncio.TimerHandle) -> None:
        self._owner = owner
        self._timer = timer

    def cancel(self) -> None:
        self._timer.cancel()
        self._owner.cancelled += 1


def _outcome(line: MockAnswer) -> Outcome:
    if isinstance(line.answer, TransportError):
        return line.answer
    body = line.answer if isinstance(line.answer, bytes) else orjson.dumps(line.answer)
    return SubgraphResponse(line.status, JSON_HEADERS, body)
