"""Two people ask for a partner and both are told of the match, its question and its session."""

from __future__ import annotations

import asyncio

import aiohttp
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.direct_operations import DirectOperation, DirectOperations
from subgraphs.matching.schema import schema

from .clients import EVENTS, REQUEST, Person
from .conftest import MakeSystem, System

WISH = {"language": "PYTHON", "difficulty": "EASY", "topics": ["Arrays"]}
END_ALL_OTHERS = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
""")


async def test_two_compatible_people_are_told_of_one_match(system: System) -> None:
    ada, bob = system.person(), system.person()
    async with ada.following(), bob.following():
        assert (await ada.request())["__typename"] == "MatchTicket"
        await bob.request()
        made = [await person.event("MatchMade") for person in (ada, bob)]
    matches = [event["match"] for event in made]
    assert matches[0]["id"] == matches[1]["id"]
    assert [match["partner"]["id"] for match in matches] == [str(bob.id), str(ada.id)]
    assert matches[0]["question"]["id"] == system.neighbours.questions[matches[0]["id"]]
    assert matches[0]["session"]["id"] == system.collaboration.sessions[matches[0]["id"]]
    assert matches[0]["status"] == "ACTIVE"
    assert [event.data["match_id"] for event in system.collaboration.of_type("match.created")] == [matches[0]["id"]]
    assert ada.durable() == [(1, "MatchQueued"), (2, "MatchMade")]


async def test_nobody_has_to_look_for_a_match_to_be_made_and_told(make_system: MakeSystem) -> None:
    """From the second request on everything is pushed: neither upkeep nor the place in line comes round during this test."""
    system: System = await make_system(upkeep_interval=3600, position_interval=3600)
    ada, bob = system.person(), system.person()
    async with ada.following(), bob.following():
        await ada.request()
        await ada.event("MatchQueued")
        await bob.request()
        assert (await ada.event("MatchMade"))["match"]["id"] == (await bob.event("MatchMade"))["match"]["id"]


async def test_events_are_told_without_the_executor_as_it_would_tell_them(make_system: MakeSystem) -> None:
    system: System = await make_system(ready_check_seconds=60)
    operations = DirectOperations(schema, frozenset({"matchEvents"}))
    ada, bob = system.person(), system.person()
    executed = Person(system.urls[0], user_id=ada.id)
    executed.subscription = EVENTS.replace("MatchEventCursorInput)", "MatchEventCursorInput = null)")
    assert isinstance(operations.find(ada.subscription), DirectOperation)
    assert operations.find(executed.subscription) is None
    async with ada.following(), executed.following(), bob.following():
        await bob.request(role="CANDIDATE")
        await ada.request(role="CANDIDATE")
        await ada.event("MatchPosition")
        await ada.cancel()
        await ada.request(role="INTERVIEWER")
        for person in (ada, bob):
            match_id = (await person.event("MatchProposed"))["match"]["id"]
            await person.ask("mutation ($id: ID!) { acceptMatch(matchId: $id) { __typename } }", id=match_id)
        for person in (ada, executed):
            await person.event("MatchMade")
    told = [[event for event in person.events if event["__typename"] != "MatchPosition"] for person in (ada, executed)]
    assert told[0] == told[1]
    assert len(told[0]) == 7
    places = [(await person.event("MatchPosition"))["position"] for person in (ada, executed)]
    assert places[0] == places[1]


async def test_metrics_tell_of_matches_and_waits(system: System) -> None:
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        await bob.request()
        await ada.event("MatchMade")
    async with aiohttp.ClientSession() as client, client.get(f"{system.urls[0]}/metrics") as response:
        metrics = await response.text()
    assert "tandem_matches_total" in metrics
    assert "tandem_time_to_match_seconds_bucket" in metrics
    assert 'tandem_tickets_waiting{difficulty="EASY"}' in metrics


async def test_subscribing_after_the_request_misses_nothing(system: System) -> None:
    ada, bob = system.person(), system.person()
    await ada.request()
    await bob.request()
    await asyncio.sleep(0.5)
    async with ada.following():
        await ada.event("MatchMade")
    assert ada.durable() == [(1, "MatchQueued"), (2, "MatchMade")]


async def test_a_cursor_resumes_on_another_replica_without_loss_or_repeat(make_system: MakeSystem) -> None:
    system: System = await make_system(replicas=2)
    ada, bob = system.person(), system.person(replica=1)
    async with ada.following():
        await ada.request()
        queued = await ada.event("MatchQueued")
    await bob.request()
    elsewhere = Person(system.urls[1], user_id=ada.id)
    async with elsewhere.following({"epoch": queued["epoch"], "seq": queued["seq"]}):
        await elsewhere.event("MatchMade")
    assert elsewhere.durable() == [(2, "MatchMade")]


async def test_a_database_that_goes_for_a_moment_ends_no_subscription(system: System) -> None:
    ada, bob = system.person(), system.person()
    outside = Database(system.database_url)
    async with ada.following():
        await ada.request()
        await ada.event("MatchQueued")
        for _ in range(3):
            async with outside.session() as session:
                await session.execute(END_ALL_OTHERS)
            await asyncio.sleep(1.0)  # a few looks at the place in line
        async with asyncio.timeout(60):
            while (await bob.send(REQUEST, input=WISH)).get("data") is None:
                await asyncio.sleep(0.1)
        await ada.event("MatchMade", timeout=60)
    await outside.dispose()
    assert ada.durable() == [(1, "MatchQueued"), (2, "MatchMade")]


async def test_columns_of_a_later_release_disturb_nobody(make_system: MakeSystem, fresh_database_url: str) -> None:
    outside = Database(fresh_database_url)
    async with outside.transaction() as session:
        for table in ("match_requests", "matches"):
            await session.execute(text(f"ALTER TABLE matching.{table} ADD COLUMN of_a_later_release text"))
    await outside.dispose()
    system: System = await make_system()
    ada, bob = system.person(), system.person()
    async with ada.following():
        await ada.request()
        assert (await ada.cancel())["__typename"] == "MatchTicket"
        await ada.request()
        await bob.request()
        await ada.event("MatchMade")


async def test_two_replicas_over_nats_match_people_as_over_postgresql(make_system: MakeSystem, nats_url: str) -> None:
    system: System = await make_system(replicas=2, nats_url=nats_url)
    ada, bob = system.person(), system.person(replica=1)
    async with ada.following(), bob.following():
        await ada.request()
        await bob.request()
        made = [await person.event("MatchMade", timeout=60) for person in (ada, bob)]
    assert made[0]["match"]["session"] == made[1]["match"]["session"]
    assert len(system.collaboration.of_type("match.created")) == 1
    assert ada.durable() == [(1, "MatchQueued"), (2, "MatchMade")]
