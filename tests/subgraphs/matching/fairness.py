"""Whether the line was fair, told from the record of a storm: nobody overlooked, nobody overtaken."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.matching.models import Match, MatchRequest
from subgraphs.matching.partner_search import ticket_from
from subgraphs.matching.rules import NO_BOND, Bond, PairingRules, Ticket, are_compatible, pair_all

from .crowd import BlockSpan
from .record import Record

Bonds = dict[frozenset[UUID], Bond]
# A ticket counts as passed over only when it was in line long before the decision: the time of its creation, or of the end of the match
# that gave it its place back, is that of a transaction's begin, and a transaction can be slow.
SURELY_VISIBLE = timedelta(seconds=5)
# And only when it stayed: a row that is being closed is passed over rightly, some time after the decision began. What ends by the event
# of another subgraph may be tried by a replica that dies and done by the next one.
SURELY_STAYING = timedelta(seconds=1)
SURELY_NOT_BARRED = timedelta(seconds=15)


def overlooked(record: Record, rules: PairingRules) -> Iterator[str]:
    """When everything is quiet nobody waits who fits somebody else who waits."""
    waiting = [ticket_from(ticket) for ticket in record.tickets.values() if ticket.status == "pending"]
    bonds: Bonds = {}
    for match in sorted(record.matches.values(), key=lambda match: match.created_at):
        bonds |= _met(match)
    bonds |= {pair: Bond(is_blocked=True) for pair in record.blocked}
    # What became possible a moment ago may still be on its way.
    for one, other in pair_all(waiting, waiting, bonds, record.now - timedelta(seconds=3), rules):
        yield f"tickets {one.id} and {other.id} fit each other and both wait"


def overtaken(
    record: Record, rules: PairingRules, blocks: Mapping[frozenset[UUID], Sequence[BlockSpan]], barred: Set[UUID]
) -> Iterator[str]:
    """The bound on overtaking is zero: whoever searched took the longest-waiting ticket of those that fitted for certain.

    `barred` are the people who were suspended or deleted at any time.
    """
    matches = sorted(record.matches.values(), key=lambda match: match.created_at)
    busy = _busy(matches)
    arriving = sorted(record.tickets.values(), key=lambda row: row.created_at, reverse=True)
    there: dict[UUID, tuple[Ticket, datetime | None]] = {}
    bonds: Bonds = {}
    earlier = deque(matches)
    for match in matches:
        if match.ticket1_id is None or match.ticket2_id is None:
            continue
        at = match.created_at
        while earlier and earlier[0].created_at < at:
            bonds |= _met(earlier.popleft())
        while arriving and arriving[-1].created_at < at - SURELY_VISIBLE:
            row = arriving.pop()
            there[row.id] = (ticket_from(row), _stays_until(row, barred))
        there = {id: one for id, one in there.items() if one[1] is None or one[1] > at}
        pair = [ticket_from(record.tickets[ticket_id]) for ticket_id in (match.ticket1_id, match.ticket2_id)]
        waiting = [
            ticket
            for ticket, _ in there.values()
            if ticket.id not in (match.ticket1_id, match.ticket2_id)
            and not any(begin <= at and (end is None or at <= end + SURELY_VISIBLE) for begin, end in busy[ticket.id])
        ]
        # Which of the two searched is not recorded; it is enough that one of them can have.
        older = [_passed_over(seeker, taken, waiting, bonds, blocks, at, rules) for seeker, taken in (pair, pair[::-1])]
        if all(older):
            first = older[0][0]
            yield (
                f"match {match.id} of {match.ticket1_id} and {match.ticket2_id} at {at} passed over {first.id}, who waited since "
                f"{first.created_at} until {record.tickets[first.id].closed_at} ({record.tickets[first.id].status})"
            )


def _busy(matches: Sequence[Match]) -> dict[UUID, list[tuple[datetime, datetime | None]]]:
    """From when to when each ticket was in a match: one that was let down got its place back, and did not wait meanwhile."""
    busy: dict[UUID, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for match in matches:
        for ticket_id in (match.ticket1_id, match.ticket2_id):
            if ticket_id is not None:
                busy[ticket_id].append((match.created_at, match.ended_at))
    return busy


def _stays_until(row: MatchRequest, barred: Set[UUID]) -> datetime | None:
    if row.closed_at is None or row.status == "matched":
        return row.closed_at
    return row.closed_at - (SURELY_NOT_BARRED if row.user_id in barred else SURELY_STAYING)


def _passed_over(
    seeker: Ticket,
    taken: Ticket,
    waiting: Sequence[Ticket],
    bonds: Bonds,
    blocks: Mapping[frozenset[UUID], Sequence[BlockSpan]],
    at: datetime,
    rules: PairingRules,
) -> list[Ticket]:
    found = []
    for other in waiting:
        people = frozenset((seeker.user_id, other.user_id))
        may_be_blocked = any(span.is_possible(at.timestamp()) for span in blocks.get(people, ()))
        if (
            other.place < taken.place
            and not may_be_blocked
            and are_compatible(seeker, other, bonds.get(people, NO_BOND), at, rules)
        ):
            found.append(other)
    return found


def _met(match: Match) -> Bonds:
    """What a match leaves between its two people."""
    people = frozenset(match.user_ids)
    return {people: Bond(last_met_at=match.created_at)} if match.session_id is not None and len(people) == 2 else {}
