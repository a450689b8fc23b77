"""A person's place in line: one ticket, kept through disconnects, given up when nobody comes back or the time is up."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from .clients import Person
from .conftest import MakeSystem, System

CRITERIA = ("DIFFICULTY", "SKILL", "TOPICS", "ROLE", "PARTNER_LEVELS", "RECENT_PARTNERS", "LANGUAGE")


async def test_a_second_request_answers_the_live_ticket(system: System) -> None:
    ada = system.person()
    first = await ada.request(difficulty="EASY")
    second = await ada.request(difficulty="HARD")
    assert second["__typename"] == "AlreadyQueued"
    assert second["ticket"]["id"] == first["id"]
    assert second["ticket"]["difficulty"] == "EASY"


async def test_many_requests_at_once_on_two_replicas_make_one_ticket(make_system: MakeSystem) -> None:
    system: System = await make_system(replicas=2)
    ada = system.person()
    elsewhere = Person(system.urls[1], user_id=ada.id)
    results = await asyncio.gather(*(person.request() for person in (ada, elsewhere) for _ in range(5)))
    assert sorted(result["__typename"] for result in results) == ["AlreadyQueued"] * 9 + ["MatchTicket"]
    tickets = {result["id"] if "id" in result else result["ticket"]["id"] for result in results}
    assert len(tickets) == 1


async def test_requests_that_break_a_rule_are_refused_with_the_field(system: System) -> None:
    ada = system.person()
    unknown = await ada.request(topics=("Arrays", "Knitting"))
    assert (unknown["__typename"], unknown["field"]) == ("InvalidInput", "input.topics")
    assert "'Knitting' is not a topic" in unknown["message"]
    endless = await ada.request(topics=("x" * 100_000,))
    assert len(endless["message"]) < 1_000
    reversed_range = await ada.request(minLevel="ADVANCED", maxLevel="BEGINNER")
    assert reversed_range["field"] == "input.preferences.minLevel"
    ada.token = ""
    assert (await ada.send("{ queueStatus { stage } }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_skill_comes_from_the_users_service_and_from_memory_when_that_is_silent(make_system: MakeSystem) -> None:
    system: System = await make_system(skill_max_age=0)
    ada, bob = system.person(skill="ADVANCED"), system.person(skill="ADVANCED")
    first = await ada.request()
    assert (first["skillLevel"], first["isSkillKnown"]) == ("ADVANCED", True)
    await ada.cancel()
    system.neighbours.is_users_down = True
    again = await ada.request()
    assert (again["skillLevel"], again["isSkillKnown"]) == ("ADVANCED", False)
    guessed = await bob.request(language="JAVA")
    assert (guessed["skillLevel"], guessed["isSkillKnown"]) == ("INTERMEDIATE", False)


async def test_what_one_replica_was_told_of_skill_the_others_know(make_system: MakeSystem) -> None:
    system: System = await make_system(replicas=2)
    ada = system.person(skill="ADVANCED")
    async with ada.following():
        async with asyncio.timeout(30):
            while system.neighbours.skill_asks == 0:
                await asyncio.sleep(0.01)
        system.neighbours.is_users_down = True
        async with asyncio.timeout(30):
            while not (known := await system.services(1).skills.of(ada.id)).is_known:
                await asyncio.sleep(0.05)
    assert known.level == "ADVANCED"


async def test_a_cancelled_ticket_is_matched_with_nobody(system: System) -> None:
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        await ada.event("MatchQueued")
        assert (await ada.cancel())["status"] == "CANCELLED"
        assert (await ada.event("MatchCancelled"))["reason"] == "CANCELLED_BY_YOU"
        assert (await ada.cancel())["code"] == "NOT_QUEUED"
        await bob.request()
        await asyncio.sleep(0.5)
    assert (await bob.ask("{ queueStatus { ticket { status } } }"))["queueStatus"]["ticket"]["status"] == "PENDING"


async def test_a_ticket_expires_on_time_and_extending_it_moves_the_time(make_system: MakeSystem) -> None:
    system: System = await make_system(ticket_lifetime=timedelta(seconds=8), max_ticket_lifetime=timedelta(seconds=9))
    ada = system.person()
    extend = "mutation { extendTicket { __typename ... on MatchTicket { expiresAt createdAt } ... on Error { code } } }"
    async with ada.following():
        ticket = await ada.request()
        await asyncio.sleep(0.3)
        extended = (await ada.ask(extend))["extendTicket"]
        assert extended["expiresAt"] > ticket["expiresAt"]
        await asyncio.sleep(1.0)
        assert (await ada.ask(extend))["extendTicket"]["__typename"] == "MatchTicket"
        assert (await ada.ask(extend))["extendTicket"]["code"] == "LIFETIME_USED_UP"
        expired = await ada.event("MatchExpired", timeout=60)
    made, at = (datetime.fromisoformat(text) for text in (ticket["createdAt"], expired["at"]))
    assert at - made >= timedelta(seconds=9)


async def test_a_place_survives_a_short_absence_and_not_a_long_one(make_system: MakeSystem) -> None:
    system: System = await make_system(disconnect_grace=timedelta(seconds=0.5))
    ada, bob = system.person(), system.person(skill="BEGINNER")
    async with ada.following():
        ticket = await ada.request(language="C")
        queued = await ada.event("MatchQueued")
    await asyncio.sleep(0.5)
    cursor = {"epoch": queued["epoch"], "seq": queued["seq"]}
    async with ada.following(cursor):
        await asyncio.sleep(3.0)  # longer than the grace, but present
        status = await ada.ask("{ queueStatus { ticket { id createdAt } } }")
        assert status["queueStatus"]["ticket"] == {"id": ticket["id"], "createdAt": ticket["createdAt"]}
    # Bob asks over HTTP and never follows: his place is his until it expires.
    await bob.request(language="JAVA")
    async with asyncio.timeout(60):
        while (await ada.ask("{ queueStatus { ticket { id } } }"))["queueStatus"]["ticket"] is not None:
            await asyncio.sleep(0.1)
    assert (await bob.ask("{ queueStatus { ticket { id } } }"))["queueStatus"]["ticket"] is not None
    async with ada.following(cursor):
        assert (await ada.event("MatchCancelled"))["reason"] == "DISCONNECTED"


async def test_a_cursor_of_a_log_that_is_gone_is_answered_with_a_resync(system: System) -> None:
    ada = system.person()
    async with ada.following({"epoch": "another-epoch", "seq": 3}):
        resync = await ada.event("MatchResync")
        await ada.request()
        queued = await ada.event("MatchQueued")
    assert (resync["seq"], queued["seq"], queued["epoch"]) == (0, 1, resync["epoch"])
    ahead = Person(system.urls[0], user_id=ada.id)
    async with ahead.following({"epoch": queued["epoch"], "seq": 99}):
        assert (await ahead.event("MatchResync"))["seq"] == 1


async def test_queue_status_says_why_somebody_waits(system: System) -> None:
    ada, bob, eve = system.person(), system.person(skill="BEGINNER"), system.person()
    await bob.request(difficulty="HARD", topics=("Graphs",))
    await eve.request(language="JAVA")
    await ada.request(difficulty="EASY", topics=("Arrays",))
    query = """{ queueStatus { stage nextStage position { position waiting estimate { typicalSeconds sampleSize } }
        compatibleNow relaxations { criterion compatible } depths { language difficulty waiting } noShows } }"""
    status = (await ada.ask(query))["queueStatus"]
    relaxed = {each["criterion"]: each["compatible"] for each in status["relaxations"]}
    assert (status["stage"], status["nextStage"], status["compatibleNow"]) == ("EXACT", "ADJACENT_DIFFICULTY", 0)
    assert status["position"]["estimate"] == {"typicalSeconds": None, "sampleSize": 0}
    assert relaxed == dict.fromkeys(CRITERIA, 0) | {"LANGUAGE": 1}
    assert {"language": "JAVA", "difficulty": "EASY", "waiting": 1} in status["depths"]


async def test_the_place_in_line_is_told_while_one_waits(system: System) -> None:
    ada, bob = system.person(), system.person()
    await ada.request(role="CANDIDATE")
    async with bob.following():
        await bob.request(role="CANDIDATE")
        first = await bob.event("MatchPosition")
        assert first["position"]["position"] == 2
        await ada.cancel()
        await asyncio.sleep(0.1)
        second = await bob.event("MatchPosition", count=2)
    assert second["position"]["position"] == 1
    assert (second["seq"], second["epoch"]) == (1, first["epoch"])


async def test_throughput_is_for_administrators(system: System) -> None:
    ada, bob, root = system.person(), system.person(), system.person("admin")
    async with ada.following():
        await ada.request()
        await bob.request()
        await ada.event("MatchMade")
    query = "{ matchingThroughput(seconds: 60) { matchesMade ticketsMatched waits { p50 } peopleInMatches } }"
    assert (await ada.send(query))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    figures = (await root.ask(query))["matchingThroughput"]
    assert (figures["matchesMade"], figures["ticketsMatched"], figures["peopleInMatches"]) == (1, 2, 2)
    assert figures["waits"]["p50"] >= 0
