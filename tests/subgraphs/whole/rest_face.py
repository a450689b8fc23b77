"""A REST face as the conformance run sees it: asked by an administrator whose log-in never ends, every answer counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from subgraphs.kit.rest import Operation
from subgraphs.users.service import SignUp
from subgraphs.users.session_service import LogIn
from subgraphs.users.sessions import Device

# What the run sends as its access token.
PLACEHOLDER = "an-administrator"
PASSWORD = "correct horse battery staple"
_REFUSED = (401, 403)


class Administrators:
    """The account that asks. What is tried ends sessions, suspends and deletes people: then there is another one."""

    def __init__(self, users: Any) -> None:
        self._users = users
        self._count = 0
        self.token = ""

    async def replace(self) -> None:
        """Make one more administrator, and log it in."""
        self._count += 1
        services, nowhere = self._users.state.services, Device(None, None)
        email = f"administrator{self._count}@example.com"
        await services.users.sign_up(SignUp("Root", email, PASSWORD, None, None), nowhere)
        await services.admin.make_admin(email)
        tokens = await services.sessions.log_in(LogIn(email, PASSWORD), nowhere)
        self.token = str(tokens.access_token)


class WatchedFace:
    """The app, with the administrator's token in place of the placeholder."""

    def __init__(self, app: ASGIApp, operations: Sequence[Operation], administrators: Administrators) -> None:
        self._app = app
        self._administrators = administrators
        self._operations = [
            (f"{it.method} /v1{it.path}", it.method, re.compile("/v1" + re.sub(r"\{\w+\}", "[^/]+", it.path)))
            for it in operations
        ]
        self.statuses: dict[str, Counter[int]] = {name: Counter() for name, _, _ in self._operations}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one that is refused because the administrator is none any more is passed on again."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = await _whole_body(receive)
        answer = await self._ask(scope, body)
        if _is_from_administrator(scope) and answer[0]["status"] in _REFUSED:
            await self._administrators.replace()
            answer = await self._ask(scope, body)
        for name, method, path in self._operations:
            if method == scope["method"] and path.fullmatch(scope["path"]):
                self.statuses[name][answer[0]["status"]] += 1
                break
        for message in answer:
            await send(message)
        return None

    def never_let_in(self) -> list[str]:
        """Return the operations that only ever answered that one has to log in, or may not."""
        return [name for name, counts in self.statuses.items() if not counts.keys() - set(_REFUSED)]

    def report(self, title: str) -> str:
        """Return how often each operation answered with which status, as a Markdown table."""
        lines = [f"{title}: {sum(sum(it.values()) for it in self.statuses.values())} requests"]
        lines += ["| operation | answers |", "|---|---|"]
        for name, counts in self.statuses.items():
            told = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
            lines.append(f"| {name} | {told} |")
        return "\n".join(lines)

    async def _ask(self, scope: Scope, body: bytes) -> list[Message]:
        answer: list[Message] = []
        is_given = False

        async def receive() -> Message:
            nonlocal is_given
            if is_given:
                return {"type": "http.disconnect"}
            is_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            answer.append(message)

        headers = [self._with_token(*pair) for pair in scope["headers"]]
        await self._app({**scope, "headers": headers}, receive, send)
        return answer

    def _with_token(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        return (name, f"Bearer {self._administrators.token}".encode()) if value == _CREDENTIAL else (name, value)


_CREDENTIAL = f"Bearer {PLACEHOLDER}".encode()


def _is_from_administrator(scope: Scope) -> bool:
    return (b"authorization", _CREDENTIAL) in scope["headers"]


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
