"""What a member of the crowd does: mostly what makes sense right now, and now and then what a stranger, a rival or a foe would do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from .crowd import BlockSpan, Link, Member

CURSOR = "cursor { epoch seq }"
CURRENT = f"{{ currentMatch {{ id status }} queueStatus {{ ticket {{ id {CURSOR} }} }} }}"
CANCEL = "mutation { cancelMatch { __typename } }"
EXTEND = "mutation { extendTicket { __typename } }"
ASK = f"""mutation ($input: RequestMatchInput!) {{ requestMatch(input: $input) {{
    __typename ... on MatchTicket {{ id {CURSOR} }} ... on AlreadyQueued {{ ticket {{ id {CURSOR} }} }} }} }}"""
LEAVE = "mutation ($id: ID!) { leaveMatch(matchId: $id) { __typename } }"
RESPOND = "mutation ($id: ID!) { %s(matchId: $id) { __typename } }"
BLOCK = "mutation ($id: ID!) { blockUser(userId: $id) { __typename } }"
UNBLOCK = "mutation ($id: ID!) { unblockUser(userId: $id) { __typename } }"
INVITATION = "__typename ... on MatchInvitation { id token status } ... on Error { code }"
INVITE = f"mutation ($input: CreateMatchInvitationInput!) {{ createMatchInvitation(input: $input) {{ {INVITATION} }} }}"
REMATCH = f"mutation ($id: ID!) {{ requestRematch(matchId: $id) {{ {INVITATION} }} }}"
CLOSE = f"mutation ($id: ID!) {{ closeMatchInvitation(id: $id) {{ {INVITATION} }} }}"
ACCEPT = """mutation ($input: AcceptMatchInvitationInput!) { acceptMatchInvitation(input: $input) {
    __typename ... on Match { id } ... on Error { code } } }"""
MAX_BLOCKING = 3  # people one member blocks at a time, so that enough are left to meet


async def act(member: Member) -> None:
    """One operation that makes sense right now, most of the time."""
    chance = member.crowd.chance
    data = await member.send(CURRENT)
    if data is None:
        return
    match, ticket = data["currentMatch"], data["queueStatus"]["ticket"]
    member.know(ticket)
    deed = chance.choices(list(PRIVATE_DEEDS), list(PRIVATE_DEEDS.values()))[0]
    is_in_vain = deed is _accept and match is not None and chance.random() < 0.7
    if chance.random() < 0.25 and not is_in_vain:
        await deed(member)
    elif match is not None:
        await _in_match(member, match)
    elif ticket is not None:
        await member.do(chance.choice([CANCEL, EXTEND, EXTEND]))
    else:
        await _ask(member)


async def answer_proposals(member: Member) -> None:
    """Accept most of what is proposed, decline some, sleep through the rest, for ever."""
    chance = member.crowd.chance
    while True:
        match_id = await member.proposals.get()
        if chance.random() < 0.9:
            answer = "acceptMatch" if chance.random() < 0.9 else "declineMatch"
            await member.do(RESPOND % answer, id=match_id)


async def _in_match(member: Member, match: dict[str, Any]) -> None:
    chance = member.crowd.chance
    if match["status"] != "ACTIVE":
        if chance.random() < 0.2:
            await member.do(LEAVE, id=match["id"])
    elif chance.random() < 0.5:
        await member.do(LEAVE, id=match["id"])
    else:
        await member.crowd.collaboration.end(match["id"], "finished")


async def _ask(member: Member) -> None:
    chance = member.crowd.chance
    wish = {
        "language": chance.choice(["PYTHON", "PYTHON", "JAVA"]),
        "difficulty": chance.choice(["EASY", "MEDIUM", "MEDIUM", "HARD"]),
        "topics": chance.choice([[], ["Arrays"], ["Graphs", "Arrays"]]),
        "preferences": {
            "role": chance.choice(["ANY", "ANY", "CANDIDATE", "INTERVIEWER"]),
            "avoidRecentPartners": chance.random() < 0.1,
        },
    }
    answer = await member.do(ASK, input=wish)
    if answer is not None:
        member.know(answer.get("ticket") or answer)


async def _invite(member: Member) -> None:
    """Under a key it is made once, however often and on whatever replica it is asked for."""
    chance = member.crowd.chance
    role = chance.choice(["ANY", "INTERVIEWER", "CANDIDATE"])
    wish = {"language": "PYTHON", "difficulty": "EASY", "topics": ["Arrays"], "role": role}
    key = str(uuid4())
    answers = await asyncio.gather(*(member.do(INVITE, key=key, input=wish) for _ in range(chance.choice([1, 1, 2]))))
    made = [answer for answer in answers if answer is not None and "id" in answer]
    for answer in made:
        member.crowd.links.append(Link(answer["id"], answer["token"], member.id))
        member.own.append(answer["id"])
    if len({answer["id"] for answer in made}) > 1:
        member.crowd.mistakes.append(f"{member.id} made two invitations under one key")


async def _ask_for_rematch(member: Member) -> None:
    if member.sessions:
        answer = await member.do(REMATCH, id=member.crowd.chance.choice(list(member.sessions)))
        if answer is not None and "id" in answer:
            member.own.append(answer["id"])


async def _accept(member: Member) -> None:
    """By a link, or what is meant for oneself; now and then twice at once, or somebody else at the same time."""
    crowd = member.crowd
    # The newest, most of which are still open.
    links = [link for link in list(crowd.links)[-6:] if link.inviter_id != member.id]
    if member.invited and crowd.chance.random() < 0.6:
        invitation_id = crowd.chance.choice(list(member.invited))
        await _accept_as([member] * crowd.chance.choice([1, 1, 2]), invitation_id, {"id": invitation_id})
    elif links:
        link = crowd.chance.choice(links)
        rivals = crowd.chance.choice([[], [], [member], [crowd.chance.choice(crowd.members)]])
        await _accept_as([member, *rivals], link.invitation_id, {"token": link.token})


async def _accept_as(guests: list[Member], invitation_id: str, reference: dict[str, str]) -> None:
    answers = await asyncio.gather(*(guest.do(ACCEPT, input=reference) for guest in guests))
    for guest, answer in zip(guests, answers, strict=True):
        if answer is not None and answer["__typename"] == "Match":
            guest.crowd.accepted.setdefault(invitation_id, set()).add((answer["id"], guest.id))


async def _pry(member: Member) -> None:
    """What a stranger may not: accept or close what is not meant for one, ask for a rematch of others' matches, leave them."""
    crowd = member.crowd
    other = crowd.chance.choice(crowd.members)
    if other is member:
        return
    answers: list[dict[str, Any] | None] = []
    if other.invited:
        # An id of others, and a token that is none: neither opens anything.
        answers.append(await member.do(ACCEPT, input={"id": other.invited[-1]}))
        answers.append(await member.do(ACCEPT, input={"token": other.invited[-1]}))
    others = [id for id in other.sessions if id not in member.sessions]
    if others and other.id not in member.partners:
        answers.append(await member.do(LEAVE, id=others[-1]))
        answers.append(await member.do(REMATCH, id=others[-1]))
    is_own = bool(other.invited) and (other.invited[-1] in member.own or other.invited[-1] in member.invited)
    for answer in answers:
        if answer is not None and answer["__typename"] in ("Match", "MatchInvitation") and not is_own:
            crowd.mistakes.append(f"{member.id} got {answer} of what belongs to {other.id}")


async def _close(member: Member) -> None:
    """Withdraw an own invitation, or decline a rematch; now and then just while somebody accepts it."""
    crowd = member.crowd
    known = [*member.own, *member.invited]
    if not known:
        return
    invitation_id = crowd.chance.choice(known)
    links = [link for link in crowd.links if link.invitation_id == invitation_id]
    guest = crowd.chance.choice(crowd.members)
    if links and guest is not member:
        answer, _ = await asyncio.gather(
            member.do(CLOSE, id=invitation_id), _accept_as([guest], invitation_id, {"token": links[-1].token})
        )
    else:
        answer = await member.do(CLOSE, id=invitation_id)
    if answer is not None and "status" in answer:
        crowd.closed[invitation_id] = answer["status"].lower()


async def block(member: Member, other_id: UUID) -> None:
    """Keep away from somebody, remembering from when on it is certain."""
    member.has_blocked.add(other_id)
    span = BlockSpan(time.time())
    member.crowd.blocks.setdefault(frozenset((member.id, other_id)), []).append(span)
    answer = await member.do(BLOCK, id=str(other_id))
    if answer is not None and answer["__typename"] == "BlockedUsers":
        span.since = time.time()
        member.blocking[other_id] = span


async def _block_or_unblock(member: Member) -> None:
    """Somebody met before, most of the time: who was just matched with whom is where blocks and pairing meet."""
    chance = member.crowd.chance
    if member.blocking and (len(member.blocking) >= MAX_BLOCKING or chance.random() < 0.4):
        other_id = chance.choice(list(member.blocking))
        span = member.blocking[other_id]
        span.lifting = span.lifting or time.time()
        answer = await member.do(UNBLOCK, id=str(other_id))
        if answer is not None and answer["__typename"] == "BlockedUsers":
            span.lifted = time.time()
            del member.blocking[other_id]
        return
    other_id = chance.choice(list(member.partners) or [chance.choice(member.crowd.members).id])
    if other_id != member.id and other_id not in member.has_blocked:
        await block(member, other_id)


PRIVATE_DEEDS: dict[Callable[[Member], Awaitable[None]], int] = {
    _invite: 4,
    _accept: 10,
    _ask_for_rematch: 4,
    _close: 2,
    _pry: 2,
    _block_or_unblock: 4,
}
