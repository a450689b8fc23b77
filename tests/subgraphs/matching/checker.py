"""Reads the database after a storm and lists everything that must never be: one sentence per violation."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.matching.models import Block, Match, MatchRequest, Participant
from subgraphs.matching.partner_search import ticket_from
from subgraphs.matching.rules import NO_BOND, Bond, PairingRules, Ticket, are_compatible, pair_all
from subgraphs.matching.streams import EventType

from .crowd import Member

EVENT_NAMES = {type.value: f"Match{type.value.capitalize()}" for type in EventType}
# A ticket counts as passed over only when it was committed long before the decision: its creation time is that of its
# transaction's begin, and a transaction can be slow.
SURELY_VISIBLE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Record:
    """All that the database knows when everything is quiet."""

    tickets: dict[UUID, MatchRequest]
    matches: dict[UUID, Match]
    participants: Sequence[Participant]
    blocked: frozenset[frozenset[UUID]]
    published: Counter[tuple[str, str]]
    """How often the bus got an event of this type about this match."""
    events: dict[UUID, list[tuple[str, int, str]]]
    now: datetime


async def read_record(session: AsyncSession) -> Record:
    published: Counter[tuple[str, str]] = Counter()
    statement = "SELECT type, subject, count(*) AS times FROM bus.events WHERE source = 'matching' GROUP BY 1, 2"
    for row in await session.execute(text(statement)):
        published[(row.type, row.subject)] = row.times
    events: dict[UUID, list[tuple[str, int, str]]] = defaultdict(list)
    statement = (
        "SELECT user_id, epoch, seq, type FROM matching.match_events JOIN matching.streams USING (user_id) ORDER BY seq"
    )
    for row in await session.execute(text(statement)):
        events[row.user_id].append((row.epoch, row.seq, EVENT_NAMES[row.type]))
    blocks = (await session.scalars(select(Block))).all()
    return Record(
        tickets={ticket.id: ticket for ticket in (await session.scalars(select(MatchRequest))).all()},
        matches={match.id: match for match in (await session.scalars(select(Match))).all()},
        participants=(await session.scalars(select(Participant))).all(),
        blocked=frozenset(frozenset((block.blocker_id, block.blocked_id)) for block in blocks),
        published=published,
        events=events,
        now=(await session.execute(text("SELECT now()"))).scalar_one(),
    )


def violations(record: Record, members: Sequence[Member], sessions: dict[str, str], rules: PairingRules) -> list[str]:
    """Everything that is wrong; empty when all invariants held."""
    return [
        *_two_matches_at_once(record),
        *_wrong_pairs(record),
        *_lost_tickets(record),
        *_wrong_sessions(record, sessions),
        *_overlooked(record, rules),
        *_overtaken(record, rules),
        *_wrong_histories(record, members),
    ]


def _two_matches_at_once(record: Record) -> Iterator[str]:
    by_user: dict[UUID, list[Match]] = defaultdict(list)
    for match in record.matches.values():
        for user_id in match.user_ids:
            by_user[user_id].append(match)
    for user_id, matches in by_user.items():
        matches.sort(key=lambda match: match.created_at)
        for earlier, later in pairwise(matches):
            if earlier.ended_at is None or earlier.ended_at > later.created_at:
                yield f"{user_id} is in {earlier.id} and {later.id} at once"


def _wrong_pairs(record: Record) -> Iterator[str]:
    sides = {(row.match_id, row.user_id): row for row in record.participants}
    for match in record.matches.values():
        if match.user1_id == match.user2_id:
            yield f"{match.id} is of {match.user1_id} with themselves"
        if frozenset(match.user_ids) in record.blocked:
            yield f"{match.id} is of two people one of whom blocked the other"
        for user_id in match.user_ids:
            side = sides.get((match.id, user_id))
            if side is None or side.partner_id != match.partner_of(user_id) or side.is_live != match.is_live:
                yield f"{match.id} is not symmetric: {user_id}"
        for ticket_id, owner_id in ((match.ticket1_id, match.user1_id), (match.ticket2_id, match.user2_id)):
            if ticket_id is not None and record.tickets[ticket_id].user_id != owner_id:
                yield f"{match.id} names a ticket of somebody else"


def _lost_tickets(record: Record) -> Iterator[str]:
    for ticket in record.tickets.values():
        if ticket.status == "matched":
            match = record.matches.get(ticket.match_id) if ticket.match_id is not None else None
            if match is None or ticket.id not in (match.ticket1_id, match.ticket2_id):
                yield f"ticket {ticket.id} is matched and its match does not know it"
        elif ticket.status == "pending" and ticket.expires_at < record.now - timedelta(seconds=5):
            yield f"ticket {ticket.id} has expired and nobody noticed"
        elif ticket.status not in ("pending", "cancelled", "expired"):
            yield f"ticket {ticket.id} is {ticket.status}"
    for match in record.matches.values():
        if match.status not in ("active", "completed", "cancelled"):
            yield f"match {match.id} is still {match.status}"


def _wrong_sessions(record: Record, sessions: dict[str, str]) -> Iterator[str]:
    for match in record.matches.values():
        told = record.published[("match.created", str(match.id))]
        if match.status in ("active", "completed"):
            if told != 1:
                yield f"match {match.id} was told of {told} times"
            if str(match.session_id) != sessions.get(str(match.id)):
                yield f"match {match.id} has session {match.session_id}, collaboration made {sessions.get(str(match.id))}"
        elif told > 1:
            yield f"match {match.id} was told of {told} times"


def _overlooked(record: Record, rules: PairingRules) -> Iterator[str]:
    """When everything is quiet nobody waits who fits somebody else who waits."""
    waiting = [ticket_from(ticket) for ticket in record.tickets.values() if ticket.status == "pending"]
    bonds = {pair: Bond(is_blocked=True) for pair in record.blocked}
    for match in sorted(record.matches.values(), key=lambda match: match.created_at):
        bonds |= _met(match, record)
    # What became possible a moment ago may still be on its way.
    for one, other in pair_all(waiting, waiting, bonds, record.now - timedelta(seconds=3), rules):
        yield f"tickets {one.id} and {other.id} fit each other and both wait"


def _overtaken(record: Record, rules: PairingRules) -> Iterator[str]:
    """The bound on overtaking is zero: whoever searched took the longest-waiting ticket of those that fitted."""
    # A ticket that was let down got its place back: while its match lasted it did not wait.
    busy: dict[UUID, list[Match]] = defaultdict(list)
    matches = sorted(record.matches.values(), key=lambda match: match.created_at)
    for match in matches:
        for ticket_id in (match.ticket1_id, match.ticket2_id):
            if ticket_id is not None:
                busy[ticket_id].append(match)
    arriving = sorted(record.tickets.values(), key=lambda row: row.created_at, reverse=True)
    there: dict[UUID, tuple[Ticket, datetime | None]] = {}
    bonds = {people: Bond(is_blocked=True) for people in record.blocked}
    earlier = deque(matches)
    for match in matches:
        if match.ticket1_id is None or match.ticket2_id is None:
            continue
        at = match.created_at
        while earlier and earlier[0].created_at < at:
            bonds |= _met(earlier.popleft(), record)
        while arriving and arriving[-1].created_at < at - SURELY_VISIBLE:
            row = arriving.pop()
            there[row.id] = (ticket_from(row), row.closed_at)
        there = {id: one for id, one in there.items() if one[1] is None or one[1] > at}
        pair = [ticket_from(record.tickets[ticket_id]) for ticket_id in (match.ticket1_id, match.ticket2_id)]
        waiting = [
            ticket
            for ticket, _ in there.values()
            if ticket.id not in (match.ticket1_id, match.ticket2_id)
            and not any(other.created_at <= at <= (other.ended_at or record.now) for other in busy[ticket.id])
        ]
        # Which of the two searched is not recorded; it is enough that one of them can have.
        older = [_passed_over(seeker, taken, waiting, bonds, at, rules) for seeker, taken in (pair, pair[::-1])]
        if all(older):
            first = older[0][0]
            yield (
                f"match {match.id} of {match.ticket1_id} and {match.ticket2_id} at {at} passed over {first.id}, who waited since "
                f"{first.created_at} until {record.tickets[first.id].closed_at} ({record.tickets[first.id].status})"
            )


def _passed_over(
    seeker: Ticket,
    taken: Ticket,
    waiting: Sequence[Ticket],
    bonds: dict[frozenset[UUID], Bond],
    at: datetime,
    rules: PairingRules,
) -> list[Ticket]:
    return [
        other
        for other in waiting
        if other.place < taken.place
        and are_compatible(seeker, other, bonds.get(frozenset((seeker.user_id, other.user_id)), NO_BOND), at, rules)
    ]


def _met(match: Match, record: Record) -> dict[frozenset[UUID], Bond]:
    """What a match leaves between its two people."""
    people = frozenset(match.user_ids)
    if match.session_id is None or people in record.blocked:
        return {}
    return {people: Bond(last_met_at=match.created_at)}


def _wrong_histories(record: Record, members: Sequence[Member]) -> Iterator[str]:
    """What a client was told across all replicas is the log from its first event on: nothing lost, doubled or out of order.

    A person whose request was answered by nobody, as its replica died, cannot know of the events before the next one.
    """
    for member in members:
        log = record.events[member.id]
        if member.resyncs:
            yield f"{member.id} was resynchronised without reason"
        if member.history and member.history != log[len(log) - len(member.history) :]:
            yield f"{member.id} was told {member.history[-8:]}, the log says {log[-8:]}"
        first = member.history[0][1] if member.history else len(log) + 1
        if member.start is not None and first > member.start["seq"] + 1 and member.start["seq"] < len(log):
            yield f"{member.id} knew of {member.start} and was told nothing before {first} of {len(log)} events"
