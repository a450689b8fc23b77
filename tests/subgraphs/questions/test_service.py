"""The questions service on a real PostgreSQL: loading, finding, picking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from subgraphs.kit.auth import ANONYMOUS
from subgraphs.kit.database import Database
from subgraphs.kit.errors import InvalidInput
from subgraphs.kit.pagination import PageRequest
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.errors import NoQuestionFits
from subgraphs.questions.progress_repository import ProgressRepository
from subgraphs.questions.rules import PickWish, ProgressStatus, QuestionFilter
from subgraphs.questions.service import QuestionOrder, QuestionService

BANK = load_bank(BANK_PATH)


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


@pytest.fixture
async def service(database: Database) -> QuestionService:
    service = QuestionService(database)
    await service.load_bank([columns_from(question) for question in BANK])
    return service


async def test_loading_the_bank_twice_changes_nothing(service: QuestionService) -> None:
    counts = await service.load_bank([columns_from(question) for question in BANK])

    assert counts == {"created": 0, "changed": 0, "unchanged": len(BANK)}


@pytest.mark.parametrize("order", list(QuestionOrder))
async def test_pages_hold_every_question_once_in_any_order(service: QuestionService, order: QuestionOrder) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = await service.find(ANONYMOUS, QuestionFilter(), order, PageRequest(5, after))
        seen += [question.slug for question in page.items]
        if not page.has_next_page:
            break
        after = page.cursors[-1]

    assert sorted(seen) == sorted(question.slug for question in BANK)


async def test_a_cursor_of_another_order_is_refused(service: QuestionService) -> None:
    page = await service.find(ANONYMOUS, QuestionFilter(), QuestionOrder.TITLE, PageRequest(2))

    with pytest.raises(InvalidInput, match="not a cursor of this list"):
        await service.find(ANONYMOUS, QuestionFilter(), QuestionOrder.NEWEST, PageRequest(2, page.cursors[-1]))


async def test_search_finds_words_of_the_title(service: QuestionService) -> None:
    title = BANK[0].title

    page = await service.find(ANONYMOUS, QuestionFilter(search=f'"{title}"'), QuestionOrder.NEWEST, PageRequest(20))

    assert title in [question.title for question in page.items]


async def test_an_unknown_category_is_named_with_the_known_ones(service: QuestionService) -> None:
    with pytest.raises(InvalidInput, match="'Arrayz' is not a category; there are: Arrays, Strings"):
        await service.find(ANONYMOUS, QuestionFilter(categories=("Arrayz",)), QuestionOrder.NEWEST, PageRequest())


async def test_the_same_match_always_gets_the_same_question(service: QuestionService) -> None:
    match_id, users = uuid4(), [uuid4(), uuid4()]
    wish = PickWish(("EASY",), (), "PYTHON")

    picks = [await service.pick(match_id, users, wish, None) for _ in range(5)]

    assert len({pick.question_id for pick in picks}) == 1
    assert picks[0].difficulty == "EASY"


async def test_a_pair_gets_every_question_once_before_any_comes_again(service: QuestionService) -> None:
    users = [uuid4(), uuid4()]
    wish = PickWish(("EASY", "MEDIUM", "HARD"), (), "PYTHON")

    picks = [await service.pick(uuid4(), users, wish, None) for _ in BANK]
    one_more = await service.pick(uuid4(), users, wish, None)

    assert len({pick.question_id for pick in picks}) == len(BANK)
    assert all(pick.is_new_to_all for pick in picks)
    assert not one_more.is_new_to_all


async def test_two_who_ask_for_the_same_match_at_once_get_the_same_question(service: QuestionService) -> None:
    match_id, users = uuid4(), [uuid4(), uuid4()]
    wish = PickWish((), (), "PYTHON")

    picks = await asyncio.gather(*(service.pick(match_id, users, wish, None) for _ in range(8)))

    assert len({pick.question_id for pick in picks}) == 1


async def test_the_interviewer_gets_a_question_that_is_known_to_them_and_new_to_the_candidate(
    service: QuestionService, database: Database
) -> None:
    interviewer, candidate = uuid4(), uuid4()
    wish = PickWish((), (), "PYTHON")
    known = [await service.pick(uuid4(), [interviewer], wish, None) for _ in range(2)]
    async with database.transaction() as session:
        await ProgressRepository(session).raise_progress([interviewer], known[1].question_id, ProgressStatus.SOLVED)

    picks = [await service.pick(uuid4(), [interviewer, candidate], wish, interviewer) for _ in known]

    # What was solved comes before what was only seen, and neither comes twice.
    assert [pick.question_id for pick in picks] == [known[1].question_id, known[0].question_id]
    async with database.session() as session:
        progress = await ProgressRepository(session).progress_of(interviewer, [known[1].question_id])
    assert progress[known[1].question_id].status == ProgressStatus.SOLVED


async def test_topics_are_given_up_before_the_difficulty_and_both_before_a_question_comes_again(
    service: QuestionService,
) -> None:
    users = [uuid4(), uuid4()]
    wanted = PickWish(("EASY",), ("No such topic",), "PYTHON")
    easy = sum(columns_from(question)["difficulty"] == "EASY" for question in BANK)

    picks = [await service.pick(uuid4(), users, wanted, None) for _ in BANK]

    assert {pick.difficulty for pick in picks[:easy]} == {"EASY"}
    assert "EASY" not in {pick.difficulty for pick in picks[easy:]}
    assert all(pick.is_new_to_all for pick in picks)


async def test_a_language_without_questions_is_said_plainly(service: QuestionService) -> None:
    with pytest.raises(NoQuestionFits, match="no published question for COBOL"):
        await service.pick(uuid4(), [uuid4()], PickWish(("EASY",), (), "COBOL"), None)


@pytest.mark.parametrize("order", [QuestionOrder.RELEVANCE])
async def test_a_search_with_typing_errors_finds_the_title(service: QuestionService, order: QuestionOrder) -> None:
    wanted = QuestionFilter(search="longst lantrn streek")

    page = await service.find(ANONYMOUS, wanted, order, PageRequest(5))

    assert page.items[0].title == "Longest Lantern Streak"


async def test_pages_by_relevance_hold_every_hit_once(service: QuestionService) -> None:
    wanted = QuestionFilter(search="array OR string OR list OR tree")
    seen: list[str] = []
    after = None
    while True:
        page = await service.find(ANONYMOUS, wanted, QuestionOrder.RELEVANCE, PageRequest(4, after))
        seen += [question.slug for question in page.items]
        if not page.has_next_page:
            break
        after = page.cursors[-1]

    assert len(seen) == len(set(seen)) == await service.count(ANONYMOUS, wanted)


async def test_facets_count_the_filtered_questions(service: QuestionService) -> None:
    facets = await service.facets(ANONYMOUS, QuestionFilter(difficulties=("EASY",)))

    easy = [question for question in BANK if question.difficulty == "Easy"]
    assert facets.difficulties == [("EASY", len(easy))]
    assert dict(facets.categories)["Arrays"] == sum("Arrays" in question.categories for question in easy)
