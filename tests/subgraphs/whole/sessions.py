"""Two people in a session, as it comes about through the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .four_subgraphs import Four, Listener, Person

REQUEST_MATCH = """
    mutation { requestMatch(input: {language: PYTHON, difficulty: EASY, topics: []}) {
        __typename ... on Error { code message } } }
"""
MATCH_EVENTS = """
    subscription { matchEvents { __typename
        ... on MatchMade { match { id question { id } session { id } } } ... on MatchCancelled { reason } } }
"""
SESSION_EVENTS = """
    subscription ($id: ID!) { sessionEvents(sessionId: $id) { __typename ... on SessionEnded { endReason } } }
"""


@dataclass(slots=True)
class Pair:
    """Two people who were matched, each with a socket that follows matches."""

    ada: Person
    bob: Person
    ada_matches: Listener
    bob_matches: Listener
    match_id: str
    session_id: str


@asynccontextmanager
async def matched_pair(four: Four) -> AsyncIterator[Pair]:
    ada, bob = await four.signed_up("Ada"), await four.signed_up("Bob")
    async with ada.subscribed(MATCH_EVENTS) as ada_matches, bob.subscribed(MATCH_EVENTS) as bob_matches:
        for person in (ada, bob):
            assert (await person.data(REQUEST_MATCH))["requestMatch"]["__typename"] == "MatchTicket"
        match = (await ada_matches.event("MatchMade"))["match"]
        await bob_matches.event("MatchMade")
        yield Pair(ada, bob, ada_matches, bob_matches, match["id"], match["session"]["id"])
