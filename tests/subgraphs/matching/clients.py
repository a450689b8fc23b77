"""A person with a GraphQL client: HTTP for operations, graphql-transport-ws for the subscription, and a memory of all events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from .doubles import SERVICE_SECRET, access_token

TICKET = "id status language difficulty topics skillLevel isSkillKnown createdAt expiresAt cursor { epoch seq }"
MATCH = (
    "id status partner { id } question { id } session { id } difficulty language topics endReason interviewer { id }"
)
REQUEST = f"""
    mutation Request($input: RequestMatchInput!) {{
        requestMatch(input: $input) {{
            __typename
            ... on MatchTicket {{ {TICKET} }}
            ... on AlreadyQueued {{ code message ticket {{ {TICKET} }} }}
            ... on AlreadyInMatch {{ code message matchId }}
            ... on Error {{ code message }}
            ... on InvalidInput {{ field }}
        }}
    }}
"""
EVENTS = f"""
    subscription Events($after: MatchEventCursorInput) {{
        matchEvents(after: $after) {{
            __typename epoch seq at
            ... on MatchQueued {{ ticket {{ id }} }}
            ... on MatchPosition {{ position {{ position waiting estimate {{ typicalSeconds sampleSize }} }} }}
            ... on MatchRelaxed {{ stage }}
            ... on MatchProposed {{ respondBy match {{ id }} }}
            ... on MatchAccepted {{ isYou match {{ id }} }}
            ... on MatchMade {{ match {{ {MATCH} }} }}
            ... on MatchRequeued {{ reason ticket {{ id createdAt }} }}
            ... on MatchCancelled {{ reason }}
            ... on MatchEnded {{ reason match {{ id status }} }}
            ... on MatchInvited {{ invitation {{ id inviter {{ id }} }} }}
            ... on MatchResync {{ reason }}
        }}
    }}
"""


class Person:
    """One person's client. `events` is everything the subscription told, in order."""

    def __init__(self, url: str, *roles: str, user_id: UUID | None = None) -> None:
        self.url = url
        self.id = user_id or uuid4()
        self.token = access_token(self.id, *roles)
        self.events: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        """Sent with every operation beside the token."""
        self.subscription = EVENTS
        self._changed = asyncio.Event()

    async def send(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        headers = {"authorization": f"Bearer {self.token}", **self.headers}
        async with (
            aiohttp.ClientSession() as client,
            client.post(
                f"{self.url}/graphql", json={"query": query, "variables": variables}, headers=headers
            ) as response,
        ):
            answer: dict[str, Any] = await response.json()
            return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of the answer, which must have no errors."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def request(
        self,
        language: str = "PYTHON",
        difficulty: str = "EASY",
        topics: tuple[str, ...] = ("Arrays",),
        **preferences: Any,
    ) -> dict[str, Any]:
        wish = {
            "language": language,
            "difficulty": difficulty,
            "topics": list(topics),
            "preferences": preferences or None,
        }
        result: dict[str, Any] = (await self.ask(REQUEST, input=wish))["requestMatch"]
        return result

    async def cancel(self) -> dict[str, Any]:
        data = await self.ask(
            "mutation { cancelMatch { __typename ... on MatchTicket { id status } ... on Error { code } } }"
        )
        result: dict[str, Any] = data["cancelMatch"]
        return result

    @asynccontextmanager
    async def following(self, after: dict[str, Any] | None = None) -> AsyncIterator[None]:
        """Collect events while the block runs; it begins when the subscription was sent."""
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"{self.url}/graphql", protocols=["graphql-transport-ws"]) as socket,
        ):
            payload = {"authorization": f"Bearer {self.token}"}
            await socket.send_json({"type": "connection_init", "payload": payload})
            assert (await socket.receive_json())["type"] == "connection_ack"
            operation = {"query": self.subscription, "variables": {"after": after}}
            await socket.send_json({"type": "subscribe", "id": "1", "payload": operation})
            task = asyncio.create_task(self._collect(socket))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _collect(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = message.json()
            if frame["type"] == "ping":
                await socket.send_json({"type": "pong"})
            elif frame["type"] == "next":
                payload = frame["payload"]
                assert "errors" not in payload, payload
                self.events.append(payload["data"]["matchEvents"])
                self._changed.set()
            elif frame["type"] == "error":
                raise AssertionError(frame)

    async def event(self, type: str, *, timeout: float = 30.0, count: int = 1) -> dict[str, Any]:
        """The `count`th event of this type, waited for."""
        async with asyncio.timeout(timeout):
            while len(found := self.of_type(type)) < count:
                self._changed.clear()
                await self._changed.wait()
        return found[count - 1]

    def of_type(self, type: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["__typename"] == type]

    def durable(self) -> list[tuple[int, str]]:
        """Number and type of all events that are replayed."""
        return [(event["seq"], event["__typename"]) for event in self.events if event["__typename"] != "MatchPosition"]


async def ask_as_service(url: str, query: str, **variables: Any) -> dict[str, Any]:
    """The whole answer to another subgraph."""
    headers = {"x-tandem-service": "collaboration", "x-gateway-secret": SERVICE_SECRET}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{url}/graphql", json={"query": query, "variables": variables}, headers=headers) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer
