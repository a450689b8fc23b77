"""People who work while the system is disturbed: they chat in sessions of two, follow them on several devices, and remember what they hear.

A follower does what docs/frontend.md asks of a client: it keeps the last position, comes back after a lost socket, asks for what it
missed, and drops what it has seen.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

SIGN_UP = """mutation ($input: SignUpInput!) { signUp(input: $input) {
  __typename ... on AuthPayload { accessToken user { id } } ... on Error { code message } } }"""
ASK = """mutation ($input: RequestMatchInput!) { requestMatch(input: $input) { __typename ... on Error { code message } } }"""
MY_SESSIONS = "{ mySessions { edges { node { id } } } }"
SEND = """mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  __typename ... on SessionMessage { id } ... on Error { code message retryable } } }"""
FOLLOW = """subscription ($id: ID!, $after: Int, $epoch: ID) { sessionEvents(sessionId: $id, after: $after, epoch: $epoch) {
  __typename seq ... on SessionHello { epoch headSeq } ... on SessionResync { epoch headSeq reason }
  ... on SessionMessageChanged { message { id } } } }"""
QUERIES = (
    "{ questions(first: 3) { edges { node { id title } } } }",
    "{ me { id name } }",
    "{ mySessions { edges { node { id status } } } }",
)
WISH = {"language": "PYTHON", "difficulty": "EASY", "topics": []}
PATIENCE = 120.0  # seconds for what happens at once on a quiet machine
KEEP_IDLE = 4.0  # seconds; a stopping gateway gives 5 s notice before it closes a connection
COMING_BACK = 0.2  # seconds, times chance, before a follower opens its socket again


class _LoadAgain(Exception):
    """Raised by a follower that has been told to load everything again."""


class _SocketLost(Exception):
    """Raised by a follower whose socket ended or broke."""


class NotDone(Exception):
    """Raised when an operation was not acknowledged; the message says how."""


@dataclass(slots=True)
class Person:
    """Somebody with an account, and the session they are in."""

    url: str
    http: aiohttp.ClientSession
    email: str = ""
    password: str = ""
    token: str = ""
    id: str = ""
    session_id: str = ""

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an operation. Raises NotDone unless it is whole and without errors."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables}
        try:
            async with self.http.post(f"{self.url}/graphql", json=body, headers=headers) as response:
                text = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotDone(f"{type(error).__name__}: {error}") from error
        try:
            answer = orjson.loads(text)
        except ValueError as error:
            raise NotDone(f"HTTP {response.status}: {text[:200]!r}") from error
        if answer.get("errors") or not answer.get("data"):
            raise NotDone(f"HTTP {response.status}: {text[:500]!r}")
        data: dict[str, Any] = answer["data"]
        return data

    async def sign_up(self) -> None:
        self.email, self.password = f"{secrets.token_hex(8)}@example.org", secrets.token_urlsafe(12)
        values = {"name": "Somebody", "email": self.email, "password": self.password}
        payload = (await self.ask(SIGN_UP, input=values))["signUp"]
        if payload["__typename"] != "AuthPayload":
            raise NotDone(str(payload))
        self.token, self.id = payload["accessToken"], payload["user"]["id"]

    async def say(self, text: str, nonce: str) -> str:
        """Send a message; its id when it is acknowledged."""
        values = {"sessionId": self.session_id, "message": text, "nonce": nonce}
        answer = (await self.ask(SEND, input=values))["sendMessage"]
        if answer["__typename"] != "SessionMessage":
            raise NotDone(str(answer))
        return str(answer["id"])

    async def say_until_heard(self, text: str, nonce: str) -> str:
        """As an app does that promises to deliver: the same nonce again until it is acknowledged."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await self.say(text, nonce)
                except NotDone:
                    await asyncio.sleep(random.uniform(0.1, 0.5))


@dataclass(slots=True)
class Follower:
    """One device of a person: a socket with one subscription, opened again whenever it is lost."""

    person: Person
    messages: list[str] = field(default_factory=list)
    """The ids of the messages it was told of, in order."""
    sockets: int = 0
    resyncs: list[str] = field(default_factory=list)
    """Why it was told to load everything again."""
    problems: list[str] = field(default_factory=list)
    is_there: asyncio.Event = field(default_factory=asyncio.Event)
    _seq: int = 0
    _epoch: str | None = None

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            try:
                await self._follow_once()
            except _LoadAgain:
                continue
            except (aiohttp.ClientError, OSError, TimeoutError, _SocketLost) as error:
                self.problems.append(f"{type(error).__name__}: {error}")
            except Exception as error:
                # Our own mistake: it must not look like a stream that fell silent.
                self.problems.append(f"this device stopped: {error!r}")
                raise
            self.is_there.clear()
            await asyncio.sleep(random.uniform(0, COMING_BACK))

    async def _follow_once(self) -> None:
        url = f"{self.person.url}/graphql"
        async with self.person.http.ws_connect(url, protocols=["graphql-transport-ws"], heartbeat=20) as socket:
            await socket.send_json(
                {"type": "connection_init", "payload": {"authorization": f"Bearer {self.person.token}"}}
            )
            # Whoever is killed just now ends the socket before its first answer.
            await _receive(socket, timeout=30)
            self.sockets += 1
            variables = {"id": self.person.session_id, "after": self._seq, "epoch": self._epoch}
            payload = {"query": FOLLOW, "variables": variables}
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            while True:
                message = await _receive(socket)
                if message["type"] == "ping":
                    await socket.send_json({"type": "pong"})
                elif message["type"] == "next" and not message["payload"].get("errors"):
                    self._hear(message["payload"]["data"]["sessionEvents"])
                elif message["type"] in ("next", "error", "complete"):
                    # An event that is not whole counts as not heard: it is asked for again from the last position.
                    self.problems.append(str(message)[:300])
                    return

    def _hear(self, event: dict[str, Any]) -> None:
        kind, seq = event["__typename"], event["seq"]
        if kind == "SessionHello":
            self._epoch = event["epoch"]
            self.is_there.set()
        elif kind == "SessionResync":
            # What was missed cannot be replayed: everything from the first event on is as good as loading chat and document again.
            self.resyncs.append(event["reason"])
            self._epoch, self._seq = event["epoch"], 0
            raise _LoadAgain
        elif seq is not None and seq > self._seq:
            self._seq = seq
            if kind == "SessionMessageChanged" and (not self.resyncs or event["message"]["id"] not in self.messages):
                self.messages.append(event["message"]["id"])


@dataclass(slots=True)
class Crowd:
    """Pairs in sessions, their devices, and what was acknowledged to them."""

    people: list[Person]
    followers: list[Follower]
    said: dict[str, list[str]] = field(default_factory=dict)
    """The ids of acknowledged messages by session."""
    asked: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    async def load(self, rate: float) -> None:
        """Ask so many things a second, for ever, whether or not the last ones are answered: two in five are messages."""
        async with asyncio.TaskGroup() as group:
            begin = time.monotonic()
            for number in itertools.count():
                await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
                group.create_task(self._ask_once(number))

    async def _ask_once(self, number: int) -> None:
        person = self.people[number % len(self.people)]
        begin = time.monotonic()
        self.asked += 1
        try:
            if number % 5 in (0, 2):
                message_id = await person.say(f"message {number}", f"n{number}")
                self.said.setdefault(person.session_id, []).append(message_id)
            else:
                await person.ask(QUERIES[number % len(QUERIES)])
        except NotDone as error:
            self.failures.append(f"request {number} ({time.monotonic() - begin:.1f} s): {error}")
        self.seconds.append(time.monotonic() - begin)

    async def chat_until_heard(self) -> None:
        """Everybody says one thing, until it is acknowledged."""
        number = next(self._numbers)

        async def say(person: Person) -> None:
            message_id = await person.say_until_heard(f"round {number}", f"round-{number}-{person.id}")
            self.said.setdefault(person.session_id, []).append(message_id)

        await asyncio.gather(*(say(person) for person in self.people))

    async def wait_until_told(self) -> None:
        """Return when every device has been told of everything that was acknowledged, or the patience is over."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.untold():
            await asyncio.sleep(0.2)

    def untold(self) -> list[str]:
        """What is wrong with what the devices were told: one sentence each."""
        found = []
        for follower in self.followers:
            said = self.said.get(follower.person.session_id, [])
            missing = set(said) - set(follower.messages)
            if missing:
                places = [said.index(message_id) for message_id in missing]
                found.append(
                    f"{len(missing)} of {len(said)} messages did not reach a device of {follower.person.id}: {sorted(places)}, "
                    f"last number {follower._seq}, {follower.sockets} sockets, resyncs {follower.resyncs}, {follower.problems[-3:]}"
                )
            if len(set(follower.messages)) != len(follower.messages):
                found.append(f"a device of {follower.person.id} was told of a message twice")
        by_session: dict[str, list[list[str]]] = {}
        for follower in self.followers:
            by_session.setdefault(follower.person.session_id, []).append(follower.messages)
        found += [
            f"{session} was told in different orders"
            for session, lists in by_session.items()
            # One device may be a message ahead: what was never acknowledged to anybody may come at any time.
            if any(told != max(lists, key=len)[: len(told)] for told in lists)
        ]
        return found


async def _receive(socket: aiohttp.ClientWebSocketResponse, timeout: float | None = None) -> dict[str, Any]:
    """The next message. Raises _SocketLost when there is none."""
    frame = await socket.receive(timeout)
    if frame.type is not aiohttp.WSMsgType.TEXT:
        raise _SocketLost(f"{frame.type.name} {frame.data!r} {frame.extra!r}")
    message: dict[str, Any] = orjson.loads(frame.data)
    return message


@asynccontextmanager
async def crowd(url: str, pairs: int, devices: int) -> AsyncIterator[Crowd]:
    """So many pairs in sessions, each person following on so many devices, while the block runs."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_IDLE)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        people = [Person(url, http) for _ in range(2 * pairs)]
        gate = asyncio.Semaphore(4)
        await asyncio.gather(*(_enter(person, gate) for person in people))
        await asyncio.gather(*(_find_session(person) for person in people))
        followers = [Follower(person) for person in people for _ in range(devices)]
        following = [asyncio.create_task(follower.run()) for follower in followers]
        try:
            async with asyncio.timeout(2 * PATIENCE):
                for follower in followers:
                    await follower.is_there.wait()
            yield Crowd(people, followers)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)


async def _enter(person: Person, gate: asyncio.Semaphore) -> None:
    async with gate:
        await person.sign_up()
        await person.ask(ASK, input=WISH)


async def _find_session(person: Person) -> None:
    async with asyncio.timeout(2 * PATIENCE):
        while not (edges := (await person.ask(MY_SESSIONS))["mySessions"]["edges"]):
            await asyncio.sleep(0.5)
    person.session_id = edges[0]["node"]["id"]
