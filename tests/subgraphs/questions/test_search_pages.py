"""Whatever is searched for in whatever order: paging finds each hit once, also while questions are written."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from subgraphs.kit.auth import ANONYMOUS
from subgraphs.kit.database import Database
from subgraphs.kit.pagination import PageRequest
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.rules import QuestionFilter
from subgraphs.questions.service import QuestionOrder, QuestionService

WORDS = ("array", "string", "longest", "lantrn", "tree", "count", "stock", "zzz")
ROWS = [columns_from(question) for question in load_bank(BANK_PATH)[:20]]
FILTERS = st.builds(
    QuestionFilter,
    difficulties=st.lists(st.sampled_from(("EASY", "MEDIUM", "HARD")), max_size=2, unique=True).map(tuple),
    search=st.none() | st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" OR ".join) | st.text(max_size=12),
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(wanted=FILTERS, order=st.sampled_from(list(QuestionOrder)), size=st.integers(1, 7), written=st.integers(0, 4))
def test_pages_of_a_search_hold_each_hit_once_while_questions_are_written(
    module_database_url: str, wanted: QuestionFilter, order: QuestionOrder, size: int, written: int
) -> None:
    asyncio.run(page_through(module_database_url, wanted, order, size, written))


async def page_through(url: str, wanted: QuestionFilter, order: QuestionOrder, size: int, written: int) -> None:
    # PostgreSQL's text has no NUL; the service is told so by its own tests.
    wanted = replace(wanted, search=wanted.search.replace("\x00", "") if wanted.search else None)
    database = Database(url, pool_size=2)
    try:
        service = QuestionService(database)
        async with database.transaction() as session:
            await session.execute(text("DELETE FROM questions.questions"))
        await service.load_bank(ROWS)
        before = await all_hits(service, wanted, order, 100)
        assert len(before) == len(set(before)) == await service.count(ANONYMOUS, wanted)
        seen: list[str] = []
        after = None
        for number in range(100):
            page = await service.find(ANONYMOUS, wanted, order, PageRequest(size, after))
            seen += [question.slug for question in page.items]
            if not page.has_next_page:
                break
            after = page.cursors[-1]
            if number < written:
                await service.load_bank([another(number)])
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)
        assert [slug for slug in seen if slug in set(before)] == before
    finally:
        await database.dispose()


async def all_hits(service: QuestionService, wanted: QuestionFilter, order: QuestionOrder, size: int) -> list[str]:
    page = await service.find(ANONYMOUS, wanted, order, PageRequest(size))
    assert not page.has_next_page
    return [question.slug for question in page.items]


def another(number: int) -> dict[str, Any]:
    """A question that is written while somebody pages."""
    row = ROWS[number]
    return {**row, "slug": f"{row['slug']}-{number}", "title": f"{row['title']} {number}"}
