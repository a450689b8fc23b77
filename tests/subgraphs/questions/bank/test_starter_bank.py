"""Our own questions: sound, varied, and right by reference solutions that were written twice."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files

import pytest

from subgraphs.questions.bank import BANK_PATH, BankQuestion, Difficulty, Language
from subgraphs.questions.bank.question import CATEGORIES
from subgraphs.questions.bank.solutions import solution_problems

FILES = sorted(BANK_PATH.glob("*.yaml"))


def test_there_are_enough_questions_of_every_difficulty(starter_bank: list[BankQuestion]) -> None:
    counts = Counter(question.difficulty for question in starter_bank)
    assert len(starter_bank) >= 48
    assert counts[Difficulty.EASY] >= 18
    assert counts[Difficulty.MEDIUM] >= 20
    assert counts[Difficulty.HARD] >= 10


def test_every_category_has_at_least_three_questions(starter_bank: list[BankQuestion]) -> None:
    counts = Counter(category for question in starter_bank for category in question.categories)
    assert {category: counts[category] for category in CATEGORIES if counts[category] < 3} == {}


def test_every_question_can_be_solved_in_all_four_languages(starter_bank: list[BankQuestion]) -> None:
    assert all(question.languages == tuple(Language) for question in starter_bank)


def test_every_question_has_two_or_three_samples_of_at_least_eight_cases(starter_bank: list[BankQuestion]) -> None:
    assert all(len(question.test_cases) >= 8 for question in starter_bank)
    assert all(len(question.samples) in (2, 3) for question in starter_bank)


def test_case_ids_differ_across_the_whole_bank(starter_bank: list[BankQuestion]) -> None:
    ids = [case.id for question in starter_bank for case in question.test_cases]
    assert len(set(ids)) == len(ids)


def test_nearly_every_expected_value_is_checked_by_a_second_solution(starter_bank: list[BankQuestion]) -> None:
    unchecked = [question.slug for question in starter_bank if "brute_force" not in question.solution]
    assert unchecked == []


@pytest.mark.parametrize("slug", [file.stem for file in FILES])
def test_the_reference_solutions_give_the_expected_answers(starter_bank: list[BankQuestion], slug: str) -> None:
    question = next(question for question in starter_bank if question.slug == slug)
    assert solution_problems(f"{slug}.yaml", question) == []


def test_the_categories_of_the_schema_are_those_of_the_code() -> None:
    schema = json.loads(files("subgraphs.questions.bank").joinpath("question.schema.json").read_text("utf-8"))
    assert tuple(schema["properties"]["categories"]["items"]["enum"]) == CATEGORIES


def test_a_question_becomes_a_document_of_plain_json(starter_bank: list[BankQuestion]) -> None:
    for question in starter_bank:
        document = question.to_document()
        assert json.loads(json.dumps(document)) == document
