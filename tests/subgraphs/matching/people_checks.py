"""What a storm's record must say of people: who blocked whom, who was suspended or deleted, who accepted which invitation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from .crowd import Crowd
from .neighbourhood import Accounts
from .record import Record

# A match may be made while the event that bars one of the two is being handled; it is ended by it.
BARRED_FOR_CERTAIN = timedelta(seconds=15)


def wrong_blocks(record: Record, crowd: Crowd, accounts: Accounts) -> Iterator[str]:
    """No match was made between the answer to a block and the wish to lift it.

    Whoever is paired while the block is on its way may be: only its answer says that it holds.
    """
    for match in record.matches.values():
        at = match.created_at.timestamp()
        if any(span.is_certain(at) for span in crowd.blocks.get(frozenset(match.user_ids), ())):
            yield f"match {match.id} at {match.created_at} is of two people one of whom had blocked the other"
    for pair, spans in crowd.blocks.items():
        is_held = any(span.since is not None and span.lifting is None for span in spans)
        if is_held and pair not in record.blocked and accounts.deleted.isdisjoint(pair):
            yield f"a block between {sorted(map(str, pair))} is gone"
        if pair in record.blocked and all(span.lifted is not None for span in spans):
            yield f"a block between {sorted(map(str, pair))} was lifted and is there"


def wrong_stays(record: Record, accounts: Accounts) -> Iterator[str]:
    """Nobody suspended or deleted waits or is in a match, or got into one later; of the deleted nothing is left but that they are."""
    away = accounts.suspended | accounts.deleted
    for ticket in record.tickets.values():
        if ticket.user_id in away and ticket.status in ("pending", "proposed"):
            yield f"{ticket.user_id} is barred and waits with ticket {ticket.id}"
    for match in record.matches.values():
        for user_id in away.intersection(match.user_ids):
            if match.is_live:
                yield f"{user_id} is barred and in match {match.id}"
            if user_id in record.barred and match.created_at > record.barred[user_id].created_at + BARRED_FOR_CERTAIN:
                yield f"{user_id} was barred and got into match {match.id}"
    for user_id in away:
        reason = "deleted" if user_id in accounts.deleted else "suspended"
        if user_id not in record.barred or record.barred[user_id].reason != reason:
            yield f"{user_id} was {reason} and is not barred as that"
    for user_id in record.barred.keys() - away:
        yield f"{user_id} was reinstated and is barred"
    for user_id in accounts.deleted:
        if (times := record.published[("user.erased", str(user_id))]) != 1:
            yield f"the erasure of {user_id} was told {times} times"
        if places := list(_traces(record, user_id)):
            yield f"{user_id} was deleted and is in {places}"


def _traces(record: Record, user_id: UUID) -> Iterator[str]:
    if any(ticket.user_id == user_id for ticket in record.tickets.values()):
        yield "tickets"
    if any(user_id in (*match.user_ids, match.interviewer_id) for match in record.matches.values()):
        yield "matches"
    if any(user_id in (side.user_id, side.partner_id) for side in record.participants):
        yield "participants"
    if any(user_id in (one.inviter_id, one.invitee_id) for one in record.invitations.values()):
        yield "invitations"
    if any(user_id in pair for pair in record.blocked):
        yield "blocks"
    if user_id in record.followers:
        yield "followers"
    if user_id in record.streams or record.events[user_id]:
        yield "streams"


def wrong_invitations(record: Record, crowd: Crowd) -> Iterator[str]:
    """Each invitation makes at most one match, of the one who made it and the one it was for; no private match has none."""
    uses = Counter(one.match_id for one in record.invitations.values() if one.match_id is not None)
    for invitation in record.invitations.values():
        if (invitation.status == "accepted") != (invitation.match_id is not None):
            yield f"invitation {invitation.id} is {invitation.status} with match {invitation.match_id}"
        if invitation.match_id is not None:
            match = record.matches[invitation.match_id]
            people = {match.user1_id, match.user2_id}
            if invitation.inviter_id not in people or (invitation.invitee_id or match.user2_id) not in people:
                yield f"match {match.id} is not of the people of invitation {invitation.id}"
            if match.created_at > invitation.expires_at:
                yield f"invitation {invitation.id} was accepted after it had expired"
    for match in record.matches.values():
        is_private = match.ticket1_id is None and match.ticket2_id is None and len(match.user_ids) == 2
        if uses[match.id] > 1 or (is_private and uses[match.id] != 1):
            yield f"match {match.id} came of {uses[match.id]} invitations"
    for invitation_id, answers in crowd.accepted.items():
        if len(answers) > 1:
            yield f"invitation {invitation_id} was accepted more than once: {answers}"
        found = record.invitations.get(UUID(invitation_id))
        if found is not None and str(found.match_id) not in {match_id for match_id, _ in answers}:
            yield f"invitation {invitation_id} was accepted as {answers}, the record says {found.match_id}"
    for invitation_id, status in crowd.closed.items():
        found = record.invitations.get(UUID(invitation_id))
        if found is not None and found.status != status:
            yield f"invitation {invitation_id} was closed as {status} and is {found.status}"
