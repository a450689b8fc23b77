"""How many SQL statements an operation takes: as many for a hundred people as for one."""

from __future__ import annotations

from sqlalchemy import text

from tests.subgraphs.counting import counted_statements

from .conftest import UsersClient
from .test_ratings import deliver, outcome

ENTITIES = """
    query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { id name email skillLevel } } }
"""
ENTITIES_WITH_SKILL = ENTITIES.replace("skillLevel", "skill { level byTopic { topic } }")
CHARTS = ENTITIES.replace(
    "skillLevel", "ratingHistory(first: 2) { edges { node { rating } } pageInfo { hasNextPage } totalCount }"
)
USERS = """
    query ($first: Int!) { users(first: $first) { edges { node { name email skill { level } } } totalCount } }
"""
AUDIT = """
    query ($first: Int!) { auditLog(first: $first) { edges { node { actor { name } user { name } } } } }
"""


async def test_a_hundred_entities_take_one_statement(users: UsersClient) -> None:
    people = [await users.signed_up(f"Person {number}") for number in range(5)]
    ids = [{"__typename": "User", "id": client.user_id} for client in people] * 20
    async with counted_statements(users.runtime.database) as statements:
        answer = await users.data(ENTITIES, {"ids": ids})
    assert len(answer["_entities"]) == 100
    assert len(statements) == 1, statements


async def test_the_skill_of_many_takes_one_statement_more_and_one_for_who_may_see_it(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    people = [await users.signed_up(f"Person {number}") for number in range(5)]
    ids = [{"__typename": "User", "id": client.user_id} for client in people]
    async with counted_statements(users.runtime.database) as statements:
        answer = await admin.data(ENTITIES_WITH_SKILL, {"ids": ids})
    assert all(one["skill"]["level"] == "BEGINNER" for one in answer["_entities"])
    assert len(statements) == 3, statements


async def test_the_charts_of_many_people_take_as_many_statements_as_that_of_one(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    people = [await users.signed_up(f"Person {number}") for number in range(5)]
    for points, ada in enumerate(people):
        for _ in range(points):
            await deliver(users, outcome((ada, True, None)))
    counts, seen = [], []
    for asked in (people[3:4], people):
        ids = [{"__typename": "User", "id": client.user_id} for client in asked]
        async with counted_statements(users.runtime.database) as statements:
            answer = await admin.data(CHARTS, {"ids": ids})
        counts.append(len(statements))
        seen = [one["ratingHistory"] for one in answer["_entities"]]
    assert counts[0] == counts[1] == 4, statements
    assert [chart["totalCount"] for chart in seen] == [0, 1, 2, 3, 4]
    assert [len(chart["edges"]) for chart in seen] == [0, 1, 2, 2, 2]
    assert [chart["pageInfo"]["hasNextPage"] for chart in seen] == [False, False, False, True, True]


async def test_who_i_am_takes_one_statement(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    async with counted_statements(users.runtime.database) as statements:
        await ada.data("{ me { id name email role } }")
    assert len(statements) == 1, statements


async def test_many_unfinished_deletions_take_as_many_statements_as_one(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    delete = "mutation ($id: ID!) { deleteUser(userId: $id) { __typename } }"
    counts = []
    for _ in range(3):
        await admin.data(delete, {"id": (await users.signed_up("Ada")).user_id})
        async with counted_statements(users.runtime.database) as statements:
            waiting = await admin.data("{ unfinishedErasures(olderThanMinutes: 0) { proofs { subgraph } } }")
        assert all(one["proofs"] == [{"subgraph": "users"}] for one in waiting["unfinishedErasures"])
        counts.append(len(statements))
    assert counts == [3, 3, 3], counts


async def test_many_exports_take_as_many_statements_as_one(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    counts = []
    for _ in range(3):
        await ada.data("mutation { requestDataExport { __typename } }")
        async with users.runtime.database.transaction() as session:
            await session.execute(text("UPDATE users.data_exports SET completed_at = now()"))
        async with counted_statements(users.runtime.database) as statements:
            await ada.data("{ myDataExports { id missing } }")
        counts.append(len(statements))
    assert counts == [3, 3, 3], counts


async def test_a_long_list_takes_as_many_statements_as_a_short_one(users: UsersClient) -> None:
    admin = await (await users.signed_up("Root")).made_admin()
    for number in range(5):
        ada = await users.signed_up(f"Person {number}")
        document = "mutation ($id: ID!) { setUserRole(input: {userId: $id, role: MODERATOR}) { __typename } }"
        await admin.data(document, {"id": ada.user_id})
    for document in (USERS, AUDIT):
        counts = []
        for first in (1, 5):
            async with counted_statements(users.runtime.database) as statements:
                await admin.data(document, {"first": first})
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 6
