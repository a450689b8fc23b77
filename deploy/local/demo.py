"""The journey of two simulated people through the gateway, from sign-up to history: `./just demo`.

Everything goes over HTTP and WebSocket to the gateway, as a front end would do it. Any step that fails ends the journey.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from pycrdt import Doc, Text

from . import demo_operations as operations
from .graphql_client import GraphQLClient, JsonObject, OperationFailed, Subscription
from .transcript import NARRATOR, Transcript

REQUEST_TIMEOUT = 15.0  # seconds for one HTTP request
EVENT_TIMEOUT = 10.0  # seconds to wait for an event that must come
CODE = "def solve(*args):\n    return None  # typed by Ada\n"


class JourneyFailed(Exception):
    """Raised when a step had an outcome that it must not have."""


@dataclass(slots=True)
class Person:
    """One simulated person: a client, and a local copy of the document as an editor would hold it."""

    name: str
    client: GraphQLClient
    user_id: str = ""
    email: str = ""
    doc: Doc[Any] = field(default_factory=Doc)
    text_name: str = ""


async def run_journey(gateway_url: str, transcript: Transcript) -> list[Person]:
    """Play the whole journey; the two people, logged in. Raises what the failing step raised."""
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        ada, ben = (Person(name, GraphQLClient(f"{gateway_url}/graphql", session)) for name in ("Ada", "Ben"))
        transcript.heading("1. Two people sign up")
        for person in (ada, ben):
            await _sign_up(person, transcript)
        transcript.heading("2. They browse questions")
        await _browse(ada, transcript)
        transcript.heading("3. They ask for a partner")
        session_id, match = await _get_matched(ada, ben, transcript)
        transcript.heading("4. They work together")
        await _collaborate(ada, ben, session_id, transcript)
        transcript.heading("5. It is over, and in their history")
        await _look_back(ada, ben, match, transcript)
    return [ada, ben]


async def _sign_up(person: Person, transcript: Transcript) -> None:
    person.email = f"{person.name.lower()}.{secrets.token_hex(4)}@example.org"
    password = secrets.token_urlsafe(16)
    with transcript.step(person.name, "signs up") as step:
        values: JsonObject = {"name": person.name, "email": person.email, "password": password}
        payload = _expect(await person.client.execute(operations.SIGN_UP, {"input": values}), "signUp", "AuthPayload")
        person.user_id = payload["user"]["id"]
        step.result = person.email
    with transcript.step(person.name, "logs in") as step:
        values = {"email": person.email, "password": password}
        payload = _expect(await person.client.execute(operations.LOG_IN, {"input": values}), "logIn", "AuthPayload")
        person.client.token = payload["accessToken"]
        step.result = f"access token until {payload['expiresAt'][11:19]}, refresh token"
    with transcript.step(person.name, "refreshes the tokens"):
        values = {"refreshToken": payload["refreshToken"]}
        payload = _expect(
            await person.client.execute(operations.REFRESH, {"input": values}), "refreshTokens", "AuthPayload"
        )
        person.client.token = payload["accessToken"]
    with transcript.step(person.name, "fills in the profile") as step:
        values = {"bio": f"I am {person.name}.", "selfAssessment": "INTERMEDIATE", "preferredLanguages": ["PYTHON"]}
        user = _expect(
            await person.client.execute(operations.UPDATE_PROFILE, {"input": values}), "updateProfile", "User"
        )
        step.result = f"{user['name']}, {user['selfAssessment'].lower()}"


async def _browse(person: Person, transcript: Transcript) -> None:
    with transcript.step(person.name, "lists easy questions, 5 a page") as step:
        wanted: JsonObject = {"difficulties": ["EASY"]}
        first = (await person.client.execute(operations.QUESTIONS, {"filter": wanted, "first": 5}))["questions"]
        after = first["pageInfo"]["endCursor"]
        second = (await person.client.execute(operations.QUESTIONS, {"filter": wanted, "first": 5, "after": after}))[
            "questions"
        ]
        both = [edge["node"]["title"] for edge in [*first["edges"], *second["edges"]]]
        _require(len(set(both)) == len(both) == 10, f"two pages hold ten different questions, got {both}")
        step.result = f"{first['totalCount']} in all, two pages"
    with transcript.step(person.name, "filters by category Arrays") as step:
        found = (await person.client.execute(operations.QUESTIONS, {"filter": {"categories": ["Arrays"]}}))["questions"]
        _require(bool(found["edges"]), "some question is about arrays")
        step.result = f"{found['totalCount']} found"
    with transcript.step(person.name, "searches the text of the first one") as step:
        title = found["edges"][0]["node"]["title"]
        hits = (await person.client.execute(operations.QUESTIONS, {"filter": {"search": title}}))["questions"]
        _require(title in [edge["node"]["title"] for edge in hits["edges"]], f"{title!r} is found by its title")
        step.result = title


async def _get_matched(ada: Person, ben: Person, transcript: Transcript) -> tuple[str, JsonObject]:
    async with (
        ada.client.subscribe(operations.MATCH_EVENTS) as ada_events,
        ben.client.subscribe(operations.MATCH_EVENTS) as ben_events,
    ):
        wish = {"language": "PYTHON", "difficulty": "EASY", "topics": ["Arrays", "Strings"]}
        with transcript.step(ada.name, "asks for a match") as step:
            await ada.client.execute(operations.REQUEST_MATCH, {"input": wish})
            step.result = "Python, easy, arrays or strings"
        with transcript.step(ben.name, "asks for a match, and both are told"):
            await ben.client.execute(operations.REQUEST_MATCH, {"input": {**wish, "topics": ["Arrays"]}})
            matches = await asyncio.gather(_matched(ada_events), _matched(ben_events))
        _require(matches[0]["id"] == matches[1]["id"], "both have the same match")
        with transcript.step(NARRATOR, "the match crosses the subgraphs") as step:
            partners = [match["partner"]["name"] for match in matches]
            _require(partners == [ben.name, ada.name], f"each is the other's partner, got {partners}")
            sessions = {match["session"]["id"] for match in matches}
            _require(len(sessions) == 1, f"there is exactly one session, got {sessions}")
            step.result = f"question {matches[0]['question']['title']!r}"
        return sessions.pop(), matches[0]


async def _matched(events: Subscription) -> JsonObject:
    event = await _wait_for(events, "matchEvents", lambda event: event["__typename"] == "MatchMade")
    match: JsonObject = event["match"]
    return match


async def _collaborate(ada: Person, ben: Person, session_id: str, transcript: Transcript) -> None:
    variables = {"sessionId": session_id}
    async with (
        ada.client.subscribe(operations.SESSION_EVENTS, variables) as ada_events,
        ben.client.subscribe(operations.SESSION_EVENTS, variables) as ben_events,
    ):
        with transcript.step(NARRATOR, "both are in the room and see each other") as step:
            hellos = await asyncio.gather(
                *(_wait_for_kind(events, "SessionHello") for events in (ada_events, ben_events))
            )
            everybody = {ada.user_id, ben.user_id}
            for events, hello in zip((ada_events, ben_events), hellos, strict=True):
                await _see_online(events, hello, everybody)
            epoch = hellos[0]["epoch"]
            for person in (ada, ben):
                await _load_document(person, session_id)
            step.result = f"the document has {len(_text(ada))} characters of starter code"
        with transcript.step(ada.name, "types, and Ben sees it") as step:
            await _type(ada, session_id, epoch, CODE)
            await _receive_until(ben, ben_events, _text(ada))
            step.result = f"{len(CODE)} characters"
        with transcript.step(ben.name, "writes in the chat, and Ada reads it") as step:
            await ben.client.execute(operations.SEND_MESSAGE, {"input": {**variables, "message": "Looks good!"}})
            message = (await _wait_for_kind(ada_events, "SessionMessageChanged"))["message"]
            expected = {"message": "Looks good!", "author": {"name": ben.name}}
            _require(message == expected, f"the words arrive as they were written: {message}")
            step.result = message["message"]
        with transcript.step(ben.name, "changes the language to JavaScript"):
            await ben.client.execute(operations.CHANGE_LANGUAGE, {"input": {**variables, "language": "JAVASCRIPT"}})
            changed = await _wait_for_kind(ada_events, "DocumentTextChanged")
            _require(changed["language"] == "JAVASCRIPT", f"Ada is told the language: {changed}")
        with transcript.step(ada.name, "runs the samples, and both see the result") as step:
            answer = (await ada.client.execute(operations.RUN_CODE, {"input": variables}))["runCode"]
            if answer["__typename"] == "ExecutionUnavailable":
                step.result = answer["message"]
            else:
                _require(answer["__typename"] == "Run", f"the run is accepted: {answer}")
                runs = await asyncio.gather(_finished_run(ada_events), _finished_run(ben_events))
                _require(runs[0] == runs[1], f"both see the same result: {runs}")
                step.result = (
                    f"{runs[0]['verdict'].lower().replace('_', ' ')}, {runs[0]['passed']} of {runs[0]['total']} passed"
                )


async def _see_online(events: Subscription, hello: JsonObject, everybody: set[str]) -> None:
    """Wait until this person is told that everybody is there: at the hello, or when the last one comes."""
    online = set(hello["onlineUserIds"])
    while not everybody <= online:
        online = set((await _wait_for_kind(events, "SessionPresenceChanged"))["onlineUserIds"])


async def _finished_run(events: Subscription) -> JsonObject:
    event = await _wait_for(events, "sessionEvents", lambda event: bool(event.get("isFinished")))
    run: JsonObject = event["run"]
    return run


async def _look_back(ada: Person, ben: Person, match: JsonObject, transcript: Transcript) -> None:
    with transcript.step(ada.name, "ends the session") as step:
        answer = (await ada.client.execute(operations.END_SESSION, {"input": {"sessionId": match["session"]["id"]}}))[
            "endSession"
        ]
        step.result = answer.get("status") or answer["__typename"]
    for person, partner in ((ada, ben), (ben, ada)):
        with transcript.step(person.name, "finds it in the history (four subgraphs, one query)") as step:
            async with asyncio.timeout(EVENT_TIMEOUT):
                latest = (await person.client.execute(operations.HISTORY))["me"]["matches"][0]
            _require(latest["partner"]["name"] == partner.name, f"the partner is {partner.name}: {latest}")
            _require(latest["session"]["endedAt"] is not None, f"the session has ended: {latest}")
            step.result = f"with {latest['partner']['name']}: {latest['question']['title']!r}, {latest['session']['status'].lower()}"


async def _load_document(person: Person, session_id: str) -> None:
    answer = (await person.client.execute(operations.DOCUMENT, {"sessionId": session_id}))["document"]
    person.text_name = answer["textName"]
    for update in answer["updates"]:
        person.doc.apply_update(base64.b64decode(update))


async def _type(person: Person, session_id: str, epoch: str, text: str) -> None:
    before = person.doc.get_state()
    shared = person.doc.get(person.text_name, type=Text)
    shared += text
    update = base64.b64encode(person.doc.get_update(before)).decode()
    values = {"sessionId": session_id, "epoch": epoch, "updates": [update], "clientSeq": 1}
    _expect(
        await person.client.execute(operations.PUSH_UPDATES, {"input": values}), "pushUpdates", "UpdatesAcknowledged"
    )


async def _receive_until(person: Person, events: Subscription, expected: str) -> None:
    while _text(person) != expected:
        event = await _wait_for_kind(events, "DocumentUpdated")
        for update in event["updates"]:
            person.doc.apply_update(base64.b64decode(update))


def _text(person: Person) -> str:
    return str(person.doc.get(person.text_name, type=Text))


async def _wait_for_kind(events: Subscription, kind: str) -> JsonObject:
    return await _wait_for(events, "sessionEvents", lambda event: event["__typename"] == kind)


async def _wait_for(events: Subscription, field: str, is_it: Callable[[JsonObject], bool]) -> JsonObject:
    async with asyncio.timeout(EVENT_TIMEOUT):
        while True:
            event: JsonObject = (await events.next(EVENT_TIMEOUT))[field]
            if is_it(event):
                return event


def _expect(data: JsonObject, field: str, kind: str) -> JsonObject:
    """The member of a result union that means success. Raises JourneyFailed with the error's message otherwise."""
    value: JsonObject = data[field]
    if value["__typename"] != kind:
        raise JourneyFailed(f"{field} answered {value['__typename']}: {value.get('message', value)}")
    return value


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise JourneyFailed(f"it should hold that {sentence}")


async def main(gateway_url: str) -> int:
    """Run the journey and print it; the exit status."""
    transcript = Transcript()
    try:
        await run_journey(gateway_url, transcript)
    except aiohttp.ClientConnectorError:
        transcript.heading(f"Nobody answers at {gateway_url}. Start the system first: ./just up")
        return 2
    except (JourneyFailed, OperationFailed, TimeoutError, aiohttp.ClientError, KeyError):
        transcript.heading("The journey failed; see the step above.")
        return 1
    transcript.heading(f"All {len(transcript.seconds)} steps passed in {sum(transcript.seconds.values()):.2f} s.")
    return 0
