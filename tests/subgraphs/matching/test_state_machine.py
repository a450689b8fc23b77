"""Any sequence of what people and neighbours can do leaves the database exactly where a model of ten lines per rule says it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.events import Event, Inbox, Outbox
from subgraphs.kit.signals import LocalSignals
from subgraphs.matching.enqueueing import Enqueueing
from subgraphs.matching.errors import AlreadyInMatch, Barred, MatchNotOpen, NotQueued
from subgraphs.matching.formation import Formation
from subgraphs.matching.matchmaker import Matchmaker
from subgraphs.matching.models import Inbox as InboxTable
from subgraphs.matching.models import Outbox as OutboxTable
from subgraphs.matching.reactions import Reactions
from subgraphs.matching.rules import Bond, Difficulty, Language, PairingRules, Role, SkillLevel, Ticket, pair_all
from subgraphs.matching.service import MatchingService, Wish
from subgraphs.matching.settings import MatchingSettings
from subgraphs.matching.skills import Skill
from subgraphs.matching.streams import Streams
from subgraphs.matching.work import UnitsOfWork

PEOPLE = 6
RULES = PairingRules()
people = st.integers(0, PEOPLE - 1)
wishes = st.builds(
    Wish,
    language=st.just(Language.PYTHON),
    difficulty=st.sampled_from(Difficulty),
    topics=st.sampled_from([(), ("Arrays",), ("Graphs",)]),
    role=st.sampled_from([Role.ANY, Role.ANY, Role.CANDIDATE]),
    avoids_recent=st.booleans(),
)


class OneSkill:
    async def of(self, user_id: UUID) -> Skill:
        return Skill(SkillLevel.INTERMEDIATE, is_known=True)


class AnyQuestion:
    async def query(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"pickQuestion": {"questionId": str(uuid4())}}


@dataclass(slots=True)
class World:
    """The services on a real database, without background work: the machine decides what happens when."""

    runner: asyncio.Runner
    database: Database
    service: MatchingService
    matchmaker: Matchmaker
    formation: Formation
    reactions: Reactions
    enqueueing: asyncio.Task[None] | None = None

    @classmethod
    def on(cls, url: str, runner: asyncio.Runner) -> World:
        database = Database(url, pool_size=2)
        settings = MatchingSettings(_env_file=None, database_url=url)
        streams = Streams(database, LocalSignals())
        units = UnitsOfWork(database, Outbox(OutboxTable, "matching"), streams)
        enqueueing = Enqueueing(units, settings.ticket_lifetime)
        world = cls(
            runner,
            database,
            MatchingService(database, units, streams, enqueueing, OneSkill(), settings),
            Matchmaker(units, RULES, 0),
            Formation(database, units, AnyQuestion(), settings.question_patience),
            Reactions(units),
        )
        world.enqueueing = runner.get_loop().create_task(enqueueing.run())
        return world

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    async def change(self, statement: str, **values: Any) -> None:
        async with self.database.transaction() as session:
            await session.execute(text(statement), values)

    async def rows(self, statement: str) -> list[Any]:
        async with self.database.session() as session:
            return list((await session.execute(text(statement))).all())

    async def hear(self, type: str, **data: str) -> None:
        inbox = Inbox(InboxTable, "matching", self.reactions.handlers())
        inbox.after_commit = self.reactions.after_event
        event = Event(type=type, subject=next(iter(data.values())), source="elsewhere", data=data)
        await inbox.handle(self.database, event)


@dataclass(slots=True)
class ModelMatch:
    tickets: tuple[Ticket, Ticket]
    status: str = "forming"

    def other(self, user_id: UUID) -> Ticket:
        return next(ticket for ticket in self.tickets if ticket.user_id != user_id)


@dataclass(slots=True)
class Model:
    waiting: dict[UUID, Ticket] = field(default_factory=dict)
    matches: dict[UUID, ModelMatch] = field(default_factory=dict)
    """Live matches by id."""
    bonds: dict[frozenset[UUID], Bond] = field(default_factory=dict)
    barred: set[UUID] = field(default_factory=set)

    def match_of(self, user_id: UUID) -> UUID | None:
        return next(
            (id for id, match in self.matches.items() if any(t.user_id == user_id for t in match.tickets)), None
        )

    def end(self, match_id: UUID, leaving: UUID) -> None:
        match = self.matches.pop(match_id)
        if match.status != "active":
            kept = match.other(leaving)
            self.waiting[kept.user_id] = kept


class Machine(RuleBasedStateMachine):
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.users = [uuid4() for _ in range(PEOPLE)]
        self.model = Model()
        self.world.do(
            self.world.change("TRUNCATE matching.match_requests, matching.waiting_topics, matching.matches CASCADE")
        )

    @rule(person=people, wish=wishes)
    def ask(self, person: int, wish: Wish) -> None:
        user_id, model = self.users[person], self.model
        if user_id in model.barred or model.match_of(user_id):
            with pytest.raises(Barred if user_id in model.barred else AlreadyInMatch):
                self.world.do(self.world.service.request_match(user_id, wish))
            return
        queued = self.world.do(self.world.service.request_match(user_id, wish))
        assert queued.is_new == (user_id not in model.waiting)
        if queued.is_new:
            model.waiting[user_id] = Ticket(
                queued.ticket.id, user_id, wish.language, wish.difficulty, SkillLevel.INTERMEDIATE,
                frozenset(wish.topics), queued.ticket.created_at, wish.role, avoids_recent=wish.avoids_recent,
            )  # fmt: skip

    @rule(person=people)
    def cancel(self, person: int) -> None:
        user_id = self.users[person]
        if self.model.waiting.pop(user_id, None) is None:
            with pytest.raises(NotQueued):
                self.world.do(self.world.service.cancel(user_id))
        else:
            self.world.do(self.world.service.cancel(user_id))

    @rule(seconds=st.sampled_from([5, 10, 20]))
    def wait(self, seconds: int) -> None:
        """Time passes: everything that was is that much older."""
        for statement in (
            "UPDATE matching.match_requests SET created_at = created_at - make_interval(secs => :s), next_look_at = now()"
            " WHERE status IN ('pending', 'matched')",
            "UPDATE matching.waiting_topics SET created_at = created_at - make_interval(secs => :s)",
            "UPDATE matching.participants SET created_at = created_at - make_interval(secs => :s)",
        ):
            self.world.do(self.world.change(statement, s=seconds))
        ago, model = timedelta(seconds=seconds), self.model
        model.waiting = {id: _older(ticket, ago) for id, ticket in model.waiting.items()}
        for match in model.matches.values():
            match.tickets = (_older(match.tickets[0], ago), _older(match.tickets[1], ago))
        for pair, bond in model.bonds.items():
            if bond.last_met_at is not None:
                model.bonds[pair] = replace(bond, last_met_at=bond.last_met_at - ago)

    @rule(seekers=st.sets(people, min_size=1))
    def look(self, seekers: set[int]) -> None:
        model = self.model
        looking = [model.waiting[id] for id in (self.users[person] for person in seekers) if id in model.waiting]
        self.world.do(
            self.world.change(
                "UPDATE matching.match_requests SET next_look_at = CASE WHEN id = ANY(CAST(:ids AS uuid[])) THEN now() END"
                " WHERE status = 'pending'",
                ids=[ticket.id for ticket in looking],
            )
        )
        outcome = self.world.do(self.world.matchmaker.pair(Language.PYTHON))
        now = outcome.now or datetime.fromisoformat("2000-01-01T00:00:00+00:00")
        expected = pair_all(looking, model.waiting.values(), model.bonds, now, RULES) if looking else []
        made = {frozenset((pair.seeker.id, pair.partner.id)): pair.match_id for pair in outcome.pairs}
        assert set(made) == {frozenset((one.id, other.id)) for one, other in expected}
        for one, other in expected:
            del model.waiting[one.user_id], model.waiting[other.user_id]
            model.matches[made[frozenset((one.id, other.id))]] = ModelMatch((one, other))

    @rule(person=people)
    def open_session(self, person: int) -> None:
        """The question is chosen, collaboration hears of the match and makes its session; both tell of it twice."""
        match_id = self.model.match_of(self.users[person])
        if match_id is None or self.model.matches[match_id].status == "active":
            return
        session_id = str(uuid4())
        for _ in range(2):
            self.world.do(self.world.formation.form(match_id))
            self.world.do(self.world.hear("session.created", match_id=str(match_id), session_id=session_id))
        match = self.model.matches[match_id]
        match.status = "active"
        (row,) = self.world.do(
            self.world.rows(f"SELECT created_at FROM matching.participants WHERE match_id = '{match_id}' LIMIT 1")
        )
        pair = frozenset(ticket.user_id for ticket in match.tickets)
        self.model.bonds[pair] = replace(self.model.bonds.get(pair, Bond()), last_met_at=row.created_at)

    @rule(person=people)
    def leave(self, person: int) -> None:
        match_id = self.model.match_of(self.users[person])
        if match_id is None:
            return
        self.world.do(self.world.service.leave_match(self.users[person], match_id))
        self.model.end(match_id, self.users[person])
        with pytest.raises(MatchNotOpen):
            self.world.do(self.world.service.leave_match(self.users[person], match_id))

    @rule(person=people, other=people)
    def block(self, person: int, other: int) -> None:
        if person == other:
            return
        self.world.do(self.world.service.block(self.users[person], self.users[other]))
        pair = frozenset((self.users[person], self.users[other]))
        self.model.bonds[pair] = replace(self.model.bonds.get(pair, Bond()), is_blocked=True)

    @rule(person=people)
    def suspend(self, person: int) -> None:
        user_id = self.users[person]
        self.world.do(self.world.hear("user.suspended", user_id=str(user_id)))
        self.model.barred.add(user_id)
        self.model.waiting.pop(user_id, None)
        match_id = self.model.match_of(user_id)
        if match_id is not None:
            self.model.end(match_id, user_id)

    @rule(person=people)
    def reinstate(self, person: int) -> None:
        self.world.do(self.world.hear("user.reinstated", user_id=str(self.users[person])))
        self.model.barred.discard(self.users[person])

    @invariant()
    def the_database_is_where_the_model_is(self) -> None:
        tickets = self.world.do(
            self.world.rows(
                "SELECT id, user_id, created_at FROM matching.match_requests WHERE status IN ('pending', 'proposed')"
            )
        )
        assert {(row.id, row.user_id, row.created_at) for row in tickets} == {
            (ticket.id, user_id, ticket.created_at) for user_id, ticket in self.model.waiting.items()
        }
        live = self.world.do(
            self.world.rows("SELECT match_id, user_id, partner_id FROM matching.participants WHERE is_live")
        )
        assert {(row.match_id, row.user_id, row.partner_id) for row in live} == {
            (match_id, ticket.user_id, match.other(ticket.user_id).user_id)
            for match_id, match in self.model.matches.items()
            for ticket in match.tickets
        }
        topics = self.world.do(self.world.rows("SELECT DISTINCT ticket_id FROM matching.waiting_topics"))
        assert {row.ticket_id for row in topics} == {ticket.id for ticket in self.model.waiting.values()}
        created = self.world.do(
            self.world.rows(
                "SELECT subject, count(*) AS n FROM matching.outbox WHERE type = 'match.created' GROUP BY 1"
            )
        )
        assert all(row.n == 1 for row in created)


def _older(ticket: Ticket, ago: timedelta) -> Ticket:
    return replace(ticket, created_at=ticket.created_at - ago)


@pytest.fixture(scope="module")
def world(module_database_url: str) -> Iterator[World]:
    with asyncio.Runner() as runner:
        world = World.on(module_database_url, runner)
        yield world
        assert world.enqueueing is not None
        world.enqueueing.cancel()
        runner.run(world.database.dispose())


def _run(world: World, *, examples: int, steps: int) -> None:
    class OnThisWorld(Machine):
        pass

    OnThisWorld.world = world
    run_state_machine_as_test(
        OnThisWorld, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


def test_the_database_follows_the_model(world: World) -> None:
    _run(world, examples=12, steps=20)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_database_follows_the_model_for_long(world: World) -> None:
    _run(world, examples=300, steps=60)
