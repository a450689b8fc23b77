"""Turn a pair into a match that a session can be made of: choose its question, tell the other subgraphs, note the session they make.

A match is `forming` until it has a question and `opening` until it has a session; each step is one transaction, and a step whose
replica died is done again by another. So every pair gets one question, one match.created and one session.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from ..kit.database import Database
from ..kit.errors import Unavailable
from ..kit.events import JsonObject
from ..kit.tracing import current_traceparent
from .dissolving import end_match, ticket_ids_of
from .match_repository import MatchRepository, open_match
from .models import Match, MatchStatus
from .repository import TicketRepository, time_of
from .work import UnitsOfWork

logger = structlog.get_logger(__name__)

WORKERS = 16  # matches that ask for their question at the same time
PICK_QUESTION = """
    mutation PickQuestion($input: PickQuestionInput!) { pickQuestion(input: $input) { questionId } }
"""
QUESTION_UNAVAILABLE = "QUESTION_UNAVAILABLE"


class QuestionSource(Protocol):
    """The questions service, as a ServiceClient reaches it."""

    async def query(self, document: str, variables: JsonObject | None = None) -> JsonObject: ...


class Formation:
    """The matches of this replica that want a question."""

    def __init__(self, database: Database, units: UnitsOfWork, questions: QuestionSource, patience: timedelta) -> None:
        self._database = database
        self._units = units
        self._questions = questions
        self._patience = patience
        self._waiting: asyncio.Queue[Match | UUID] = asyncio.Queue()
        self._under_way: set[UUID] = set()

    def submit(self, match: Match | UUID) -> None:
        """Form this match soon, unless that is under way; given its id it is looked up first."""
        match_id = _id_of(match)
        # Upkeep submits it every few seconds: behind a service that is silent for minutes they would pile up.
        if match_id not in self._under_way:
            self._under_way.add(match_id)
            self._waiting.put_nowait(match)

    async def run(self) -> None:
        """Form matches for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def form(self, match_or_id: Match | UUID) -> None:
        """Give a forming match its question and tell the others, or put both people back in line when there is none for too long."""
        match: Match | None
        if isinstance(match_or_id, Match):
            match = match_or_id
        else:
            async with self._database.session() as session:
                match = await MatchRepository(session).get(match_or_id)
        if match is None or match.status != MatchStatus.FORMING:
            return
        try:
            question_id = await self._pick_question(match)
        except (Unavailable, KeyError, TypeError, ValueError) as error:
            logger.warning("question.unavailable", match_id=str(match.id), error=str(error))
            await self._give_up_in_the_end(match.id)
            return
        await self._open(match.id, question_id)

    async def _work(self) -> None:
        while True:
            match = await self._waiting.get()
            try:
                await self.form(match)
            except Exception:
                # It stays forming; upkeep hands it out again.
                logger.exception("formation.failed", match_id=str(_id_of(match)))
            finally:
                self._under_way.discard(_id_of(match))

    async def _pick_question(self, match: Match) -> UUID:
        wish = {
            "matchId": str(match.id),
            "userIds": [str(user_id) for user_id in match.user_ids],
            "difficulties": match.difficulties,
            "topics": match.topics,
            "language": match.language,
            "knownTo": str(match.interviewer_id) if match.interviewer_id else None,
        }
        data = await self._questions.query(PICK_QUESTION, {"input": wish})
        return UUID(data["pickQuestion"]["questionId"])

    async def _open(self, match_id: UUID, question_id: UUID) -> None:
        async with self._units.statement() as driver:
            is_opened = await open_match(driver, match_id, question_id, current_traceparent())
        await self._units.after(has_published=is_opened)

    async def _give_up_in_the_end(self, match_id: UUID) -> None:
        """By the database's clock, and since both were there: what a ready check took is not the questions service's."""
        async with self._units.begin() as unit:
            match = await MatchRepository(unit.session).locked(match_id)
            if match is None:
                return
            tickets = await TicketRepository(unit.session).get_many(ticket_ids_of(match, match.user_ids))
            since = max((ticket.closed_at or match.created_at for ticket in tickets.values()), default=match.created_at)
            if await time_of(unit.session) - since > self._patience:
                await end_match(unit, match_id, QUESTION_UNAVAILABLE, only=(MatchStatus.FORMING,))


def _id_of(match: Match | UUID) -> UUID:
    return match.id if isinstance(match, Match) else match
