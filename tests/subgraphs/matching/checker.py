"""Holds the record of a storm and what the people in it know against everything that must never be: one sentence per violation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from subgraphs.matching.models import Match
from subgraphs.matching.rules import PairingRules

from .crowd import Crowd, Member
from .fairness import SURELY_STAYING, SURELY_VISIBLE, overlooked, overtaken
from .neighbourhood import Accounts
from .people_checks import wrong_blocks, wrong_invitations, wrong_stays
from .record import Record

# Whoever is put back in line by the end of a match can be taken at once, by a decision whose time was read just before that end began.
PUT_BACK = timedelta(seconds=2)


def violations(record: Record, crowd: Crowd, accounts: Accounts, rules: PairingRules) -> list[str]:
    """Everything that is wrong; empty when all invariants held."""
    return [
        *crowd.mistakes,
        *violations_of_record(record, crowd.collaboration.sessions, rules),
        *_lost_tickets(record, crowd, accounts),
        *_wrong_sessions(record, crowd),
        *wrong_invitations(record, crowd),
        *wrong_blocks(record, crowd, accounts),
        *wrong_stays(record, accounts),
        *overtaken(record, rules, crowd.blocks, accounts.touched),
        *_wrong_histories(record, crowd, accounts),
    ]


def violations_of_record(record: Record, sessions: Mapping[str, str], rules: PairingRules) -> list[str]:
    """What the database alone says, and `sessions`: those that collaboration made, by match."""
    return [
        *_unrest(record),
        *_two_matches_at_once(record),
        *_waiting_in_a_match(record),
        *_wrong_pairs(record),
        *_wrong_tickets(record),
        *_doubled_or_missing_sessions(record, sessions),
        *overlooked(record, rules),
    ]


def _unrest(record: Record) -> Iterator[str]:
    """Every event that was written is on the bus, every one on the bus is handled, and no match hangs between two steps."""
    if record.unpublished:
        yield f"{record.unpublished} events never left the outbox"
    for type, count in record.unhandled.items():
        yield f"{count} events {type} are not in the inbox"
    for name, count in record.behind.items():
        if count:
            yield f"{name} has not looked at {count} events"
    for match in record.matches.values():
        if match.status not in ("active", "completed", "cancelled"):
            yield f"match {match.id} is still {match.status}"
    for invitation in record.invitations.values():
        if invitation.status == "open" and invitation.expires_at < record.now - timedelta(seconds=15):
            yield f"invitation {invitation.id} has expired and nobody noticed"


def _two_matches_at_once(record: Record) -> Iterator[str]:
    by_user: dict[UUID, list[Match]] = defaultdict(list)
    for match in record.matches.values():
        for user_id in match.user_ids:
            by_user[user_id].append(match)
    for user_id, matches in by_user.items():
        matches.sort(key=lambda match: match.created_at)
        for earlier, later in pairwise(matches):
            slack = PUT_BACK if earlier.status == "cancelled" else timedelta()
            if earlier.ended_at is None or earlier.ended_at > later.created_at + slack:
                yield f"{user_id} is in {earlier.id} and {later.id} at once"


def _waiting_in_a_match(record: Record) -> Iterator[str]:
    """Nobody waits in line for another partner while in a match."""
    matches: dict[UUID, list[Match]] = defaultdict(list)
    for match in record.matches.values():
        for user_id in match.user_ids:
            matches[user_id].append(match)
    for ticket in record.tickets.values():
        for match in matches[ticket.user_id]:
            if ticket.id in (match.ticket1_id, match.ticket2_id):
                continue
            if ticket.created_at < match.created_at:
                is_outside = ticket.closed_at is not None and ticket.closed_at <= match.created_at + SURELY_STAYING
            else:
                is_outside = match.ended_at is not None and match.ended_at <= ticket.created_at + SURELY_VISIBLE
            if not is_outside:
                yield f"{ticket.user_id} waited with ticket {ticket.id} while in match {match.id}"


def _wrong_pairs(record: Record) -> Iterator[str]:
    sides = {(row.match_id, row.user_id): row for row in record.participants}
    for match in record.matches.values():
        if match.user1_id is not None and match.user1_id == match.user2_id:
            yield f"{match.id} is of {match.user1_id} with themselves"
        for user_id in match.user_ids:
            side = sides.pop((match.id, user_id), None)
            if side is None or side.partner_id != match.partner_of(user_id) or side.is_live != match.is_live:
                yield f"{match.id} is not symmetric: {user_id}"
        for ticket_id, owner_id in ((match.ticket1_id, match.user1_id), (match.ticket2_id, match.user2_id)):
            if ticket_id is not None and record.tickets[ticket_id].user_id != owner_id:
                yield f"{match.id} names a ticket of somebody else"
    for match_id, user_id in sides:
        yield f"{user_id} takes part in {match_id}, which does not know it"


def _lost_tickets(record: Record, crowd: Crowd, accounts: Accounts) -> Iterator[str]:
    for member in crowd.everybody:
        for ticket_id in member.tickets if member.id not in accounts.deleted else ():
            if (ticket := record.tickets.get(UUID(ticket_id))) is None or ticket.user_id != member.id:
                yield f"{member.id} was told of ticket {ticket_id}, which is gone"


def _wrong_tickets(record: Record) -> Iterator[str]:
    for ticket in record.tickets.values():
        if ticket.status == "matched":
            match = record.matches.get(ticket.match_id) if ticket.match_id is not None else None
            if match is None or ticket.id not in (match.ticket1_id, match.ticket2_id):
                yield f"ticket {ticket.id} is matched and its match does not know it"
        elif ticket.status == "pending" and ticket.expires_at < record.now - timedelta(seconds=5):
            yield f"ticket {ticket.id} has expired and nobody noticed"
        elif ticket.status not in ("pending", "cancelled", "expired", "declined"):
            yield f"ticket {ticket.id} is {ticket.status}"


def _doubled_or_missing_sessions(record: Record, sessions: Mapping[str, str]) -> Iterator[str]:
    """Exactly one session, of pairs, invitations and rematches alike."""
    for match in record.matches.values():
        told = record.published[("match.created", str(match.id))]
        if match.status in ("active", "completed"):
            if told != 1:
                yield f"match {match.id} was told of {told} times"
            if str(match.session_id) != sessions.get(str(match.id)):
                yield f"match {match.id} has session {match.session_id}, collaboration made {sessions.get(str(match.id))}"
        elif told > 1:
            yield f"match {match.id} was told of {told} times"
        if record.published[("match.ended", str(match.id))] > 1:
            yield f"the end of match {match.id} was told more than once"


def _wrong_sessions(record: Record, crowd: Crowd) -> Iterator[str]:
    """No match outlives its session, and the same one is told to both."""
    sessions = crowd.collaboration.sessions
    for match in record.matches.values():
        if match.is_live and str(match.id) in crowd.collaboration.ended:
            yield f"match {match.id} lives on after its session"
    for member in crowd.everybody:
        for match_id, session_id in member.sessions.items():
            if session_id != sessions.get(match_id):
                yield f"{member.id} was told of session {session_id} of {match_id}, collaboration made {sessions.get(match_id)}"


def _wrong_histories(record: Record, crowd: Crowd, accounts: Accounts) -> Iterator[str]:
    """What a client was told across all replicas is the log from its first event on: nothing lost, doubled or out of order.

    A person whose request was answered by nobody, as its replica died, cannot know of the events before the next one. Who is suspended
    is told the rest after that; who was deleted has no log any more.
    """
    for member in crowd.everybody:
        for (epoch, seq, _), (next_epoch, next_seq, next_kind) in pairwise(member.history):
            if (next_epoch, next_seq) != (epoch, seq + 1):
                yield f"{member.id} was told {next_kind} {next_seq} of {next_epoch} after {seq} of {epoch}"
        if member.id in accounts.deleted:
            continue
        if member.resyncs:
            yield f"{member.id} was resynchronised without reason"
        yield from _differences(member, record.events[member.id], is_suspended=member.id in accounts.suspended)


def _differences(member: Member, log: list[tuple[str, int, str]], *, is_suspended: bool) -> Iterator[str]:
    first = member.history[0][1] if member.history else len(log) + 1
    expected = log[first - 1 : first - 1 + len(member.history)] if is_suspended else log[first - 1 :]
    if member.history and member.history != expected:
        yield f"{member.id} was told {member.history[-8:]}, the log says {log[-8:]}"
    if is_suspended and not member.history:
        return
    if member.start is not None and first > member.start["seq"] + 1 and member.start["seq"] < len(log):
        yield f"{member.id} knew of {member.start} and was told nothing before {first} of {len(log)} events"
