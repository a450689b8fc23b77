"""The search of admins: it finds what a plain look at every account finds, in pages without loss or repeat, by its index."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from subgraphs.kit.database import Database
from subgraphs.kit.pagination import PageRequest
from subgraphs.users.models import User
from subgraphs.users.repository import UserFilter, UserOrder, UserRepository

NAMES = st.text(st.sampled_from("abcABCäÄ%_\\ '"), min_size=1, max_size=8)


def account(name: str) -> User:
    return User(id=uuid4(), email=f"{uuid4().hex[:6]}@example.com", name=name)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(NAMES, max_size=20),
    joining=st.lists(NAMES, max_size=3),
    search=st.text(st.sampled_from("abcABCäÄ%_\\ 'example@"), max_size=6),
    order=st.sampled_from(list(UserOrder)),
    size=st.integers(1, 6),
)
def test_a_search_finds_every_account_that_has_the_text_once_while_people_join(
    module_database_url: str, names: list[str], joining: list[str], search: str, order: UserOrder, size: int
) -> None:
    asyncio.run(page_through(module_database_url, names, joining, search, order, size))


async def page_through(
    url: str, names: list[str], joining: list[str], search: str, order: UserOrder, size: int
) -> None:
    database = Database(url, pool_size=2)
    try:
        async with database.transaction() as session:
            await session.execute(delete(User))
            session.add_all(account(name) for name in names)
        async with database.session() as session:
            everybody = (await session.scalars(select(User))).all()
            lowered = await session.scalar(text("SELECT lower(:search)"), {"search": search})
            assert isinstance(lowered, str)
            statement = text("SELECT id FROM users.users WHERE strpos(lower(name), :s) > 0 OR strpos(email, :s) > 0")
            expected = set((await session.scalars(statement, {"s": lowered})).all())
        assert len(everybody) == len(names)
        waiting, seen, after = list(joining), [], None
        while True:
            async with database.session() as session:
                page = await UserRepository(session).page(UserFilter(search), order, PageRequest(size, after))
            seen += [user.id for user in page.items]
            if not page.has_next_page:
                break
            after = page.cursors[-1]
            if waiting:
                async with database.transaction() as session:
                    session.add(account(waiting.pop()))
        assert len(seen) == len(set(seen))
        assert expected <= set(seen)
        assert {id for id in seen if id in {user.id for user in everybody}} == expected
    finally:
        await database.dispose()


async def test_a_search_among_many_accounts_is_answered_by_the_index(fresh_database_url: str) -> None:
    database = Database(fresh_database_url, pool_size=1)
    async with database.transaction() as session:
        fill = """
            INSERT INTO users.users (email, name)
            SELECT md5(n::text) || '@example.com', 'Person ' || md5((n * 7)::text) FROM generate_series(1, 3000) AS n
        """
        await session.execute(text(fill))
        await session.execute(text("UPDATE users.users SET name = 'Grace Hopper' WHERE email LIKE 'c4ca4238%'"))
    async with database.engine.connect() as connection:
        raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await raw.execute(text("ANALYZE users.users"))
    async with database.session() as session:
        # So few rows are as quickly read one by one; what matters is that the index can answer.
        await session.execute(text("SELECT set_config('enable_seqscan', 'off', false)"))
        explain = "EXPLAIN SELECT id FROM users.users WHERE search_grams @> users.grams('race hop')"
        plan = "\n".join((await session.scalars(text(explain))).all())
        page = await UserRepository(session).page(UserFilter("RACE hop"), UserOrder.NEWEST, PageRequest(20))
    assert "ix_users_search_grams" in plan
    assert [user.name for user in page.items] == ["Grace Hopper"]
    await database.dispose()
