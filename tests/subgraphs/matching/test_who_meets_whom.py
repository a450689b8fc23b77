"""Relaxation, preferences, blocks and recent partners, seen from outside."""

from __future__ import annotations

import asyncio

from .clients import Person
from .conftest import MakeSystem, System


async def pair_up(ada: Person, bob: Person, **wishes: tuple[str, str]) -> str:
    """Both ask with their own value of each wish; the id of the match that comes of it."""
    async with ada.following(), bob.following():
        await ada.request(**{name: values[0] for name, values in wishes.items()})  # type: ignore[arg-type]
        await bob.request(**{name: values[1] for name, values in wishes.items()})  # type: ignore[arg-type]
        made = await ada.event("MatchMade")
        await bob.event("MatchMade")
    match_id: str = made["match"]["id"]
    return match_id


async def test_adjacent_difficulties_meet_once_both_have_waited_and_the_easier_counts(quick_system: System) -> None:
    ada, bob = quick_system.person(), quick_system.person()
    async with ada.following():
        await ada.request(difficulty="MEDIUM")
        await asyncio.sleep(0.3)
        await bob.request(difficulty="EASY")
        made = await ada.event("MatchMade")
    assert made["match"]["difficulty"] == "EASY"
    assert ada.of_type("MatchRelaxed")[0]["stage"] == "ADJACENT_DIFFICULTY"
    status = await bob.ask("{ currentMatch { createdAt } queueStatus { ticket { id } } }")
    assert status["currentMatch"] is not None


async def test_nobody_meets_across_languages_or_two_difficulties_apart(quick_system: System) -> None:
    people = [quick_system.person() for _ in range(3)]
    await people[0].request(difficulty="EASY")
    await people[1].request(difficulty="HARD")
    await people[2].request(language="JAVA")
    await asyncio.sleep(2.5)
    for person in people:
        assert (await person.ask("{ queueStatus { ticket { status } stage nextStage } }"))["queueStatus"] == {
            "ticket": {"status": "PENDING"},
            "stage": "ANY_TOPIC",
            "nextStage": None,
        }


async def test_disjoint_topics_meet_at_the_last_stage_only(quick_system: System) -> None:
    ada, bob = quick_system.person(), quick_system.person()
    async with ada.following():
        await ada.request(topics=("Arrays",))
        await bob.request(topics=("Graphs", "Trees"))
        made = await ada.event("MatchMade")
    assert [event["stage"] for event in ada.of_type("MatchRelaxed")][:2] == ["ADJACENT_DIFFICULTY", "WIDER_SKILL"]
    assert made["match"]["topics"] == ["Arrays", "Graphs", "Trees"]


async def test_the_longest_waiting_compatible_person_is_taken(system: System) -> None:
    first, second, other_side = (system.person() for _ in range(3))
    await first.request(role="CANDIDATE")
    await second.request(role="CANDIDATE")
    async with other_side.following():
        await other_side.request(role="INTERVIEWER")
        match = (await other_side.event("MatchMade"))["match"]
    assert match["partner"]["id"] == str(first.id)
    assert match["interviewer"]["id"] == str(other_side.id)
    assert system.neighbours.picks[0]["knownTo"] == str(other_side.id)


async def test_a_partner_level_range_holds_for_both_sides_and_is_never_relaxed(quick_system: System) -> None:
    ada, beginner, peer = quick_system.person(), quick_system.person(skill="BEGINNER"), quick_system.person()
    async with ada.following():
        await ada.request(minLevel="INTERMEDIATE")
        await beginner.request()
        await asyncio.sleep(2.2)
        assert not ada.of_type("MatchMade")
        await peer.request(role="INTERVIEWER")
        assert (await ada.event("MatchMade"))["match"]["partner"]["id"] in {str(peer.id)}


async def test_blocked_people_never_meet_whoever_blocked(quick_system: System) -> None:
    ada, bob = quick_system.person(), quick_system.person()
    blocked = await ada.ask(
        "mutation ($id: ID!) { blockUser(userId: $id) { ... on BlockedUsers { users { id } } } }", id=str(bob.id)
    )
    assert blocked["blockUser"]["users"] == [{"id": str(bob.id)}]
    await bob.request()
    await ada.request()
    await asyncio.sleep(2.2)
    assert (await ada.ask("{ currentMatch { id } }"))["currentMatch"] is None
    await ada.ask("mutation ($id: ID!) { unblockUser(userId: $id) { __typename } }", id=str(bob.id))


async def test_recent_partners_meet_again_only_after_a_penalty_and_never_if_avoided(make_system: MakeSystem) -> None:
    system: System = await make_system(recent_penalty=2.5)
    ada, bob = system.person(), system.person()
    match_id = await pair_up(ada, bob)
    session_id = system.collaboration.sessions[match_id]
    ada.events.clear()
    async with ada.following():
        await system.publish(
            "session.ended", "collaboration", session_id=session_id, match_id=match_id, reason="COMPLETED"
        )
        ended = await ada.event("MatchEnded")
        assert (ended["reason"], ended["match"]["status"]) == ("COMPLETED", "COMPLETED")
        await ada.request()
        await bob.request()
        await asyncio.sleep(0.8)
        assert len(ada.of_type("MatchMade")) == 1
        await ada.event("MatchMade", count=2)
    second = ada.of_type("MatchMade")[1]["match"]["id"]
    await system.publish("session.ended", "collaboration", session_id="x", match_id=second, reason="COMPLETED")
    await asyncio.sleep(0.5)
    await ada.request(avoidRecentPartners=True)
    await bob.request()
    await asyncio.sleep(2.0)
    assert (await ada.ask("{ currentMatch { id } }"))["currentMatch"] is None
