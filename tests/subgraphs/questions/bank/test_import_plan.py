"""What an import would do to what is stored."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from subgraphs.questions.bank import BankQuestion, Difficulty, load_bank, plan_import
from subgraphs.questions.bank.question import JsonObject, Origin, Provenance

from .conftest import QuestionData, WriteQuestion


@pytest.fixture
def question(data: QuestionData, write_question: WriteQuestion) -> BankQuestion:
    """As if imported: from another source, with derived fields."""
    [own] = load_bank(write_question(data))
    provenance = Provenance(
        "elsewhere", "http://x.example/1", "c1", "MIT", "", Origin.DERIVED, Origin.DERIVED, Origin.DERIVED
    )
    return replace(own, provenance=provenance, solution={})


def stored(question: BankQuestion, **changes: Any) -> JsonObject:
    """The document as it comes back from a database."""
    document: JsonObject = json.loads(json.dumps(question.to_document()))
    return document | changes


def test_a_new_question_is_created(question: BankQuestion) -> None:
    plan = plan_import([], [question])
    assert [planned.document for planned in plan.created] == [question.to_document()]
    assert str(plan) == (
        "1 to create, 0 to change, 0 to retire, 0 unchanged\n"
        "+ add-two-numbers: Add Two Numbers (Easy), 8 cases, 2 shown; python, javascript, java, cpp"
    )


def test_the_same_import_again_changes_nothing(question: BankQuestion) -> None:
    plan = plan_import([stored(question)], [question])
    assert plan.is_empty
    assert plan.unchanged == ("add-two-numbers",)


def test_a_new_commit_alone_changes_nothing(question: BankQuestion) -> None:
    newer = replace(question, provenance=replace(question.provenance, commit="c2", url="http://x.example/2"))
    assert plan_import([stored(question)], [newer]).is_empty


def test_changes_are_told_by_field_and_by_case(question: BankQuestion) -> None:
    first, second, *rest = question.test_cases
    newer = replace(
        question,
        title="Add Both Numbers",
        test_cases=(replace(first, expected=10), *rest, replace(second, id="new", description="a new one")),
    )
    plan = plan_import([stored(question)], [newer])
    [planned] = plan.changed
    assert planned.document == newer.to_document()
    assert str(plan) == (
        "0 to create, 1 to change, 0 to retire, 0 unchanged\n"
        "~ add-two-numbers\n"
        "    title: Add Two Numbers -> Add Both Numbers\n"
        "    test case new: added (a new one)\n"
        f"    test case {second.id}: removed ([5, 10])\n"
        f"    test case {first.id}: expected 9 -> 10"
    )


def test_another_order_of_the_cases_is_a_change(question: BankQuestion) -> None:
    newer = replace(question, test_cases=(*question.test_cases[:2], *reversed(question.test_cases[2:])))
    [planned] = plan_import([stored(question)], [newer]).changed
    assert [str(change) for change in planned.changes] == ["test cases: in another order"]


def test_what_an_editor_has_curated_is_kept(question: BankQuestion) -> None:
    before = stored(question, difficulty="Hard")
    before["provenance"]["difficulty_source"] = "CURATED"
    assert plan_import([before], [question]).is_empty
    [planned] = plan_import([before], [replace(question, title="Other Title", difficulty=Difficulty.MEDIUM)]).changed
    assert planned.document["difficulty"] == "Hard"
    assert planned.document["provenance"]["difficulty_source"] == "CURATED"
    assert [change.field for change in planned.changes] == ["title"]


def test_a_question_deprecated_upstream_is_retired_once(question: BankQuestion) -> None:
    gone = stored(question, slug="old-one")
    plan = plan_import([stored(question), gone], [question], retired=["old-one", "never-imported"])
    assert plan.retired == ("old-one",)
    again = plan_import([stored(question), {**gone, "status": "RETIRED"}], [question], retired=["old-one"])
    assert again.is_empty


def test_a_question_that_upstream_has_lost_stays_and_is_named(question: BankQuestion) -> None:
    plan = plan_import([stored(question), stored(question, slug="lost-one")], [question])
    assert plan.is_empty
    assert plan.vanished == ("lost-one",)
    assert "? lost-one: no longer found upstream, left as it is" in str(plan)


def test_a_retired_question_that_comes_back_is_offered_again(question: BankQuestion) -> None:
    [planned] = plan_import([stored(question, status="RETIRED")], [question]).changed
    assert [str(change) for change in planned.changes] == ["status: offered again"]


def test_questions_of_other_sources_are_left_alone(question: BankQuestion) -> None:
    own = stored(question, source="tandem")
    plan = plan_import([own], [question], retired=["add-two-numbers"])
    assert [planned.slug for planned in plan.created] == ["add-two-numbers"]
    assert (plan.retired, plan.vanished) == ((), ())


def test_an_import_that_brings_nothing_retires_nothing(question: BankQuestion) -> None:
    plan = plan_import([stored(question)], [], retired=["add-two-numbers"])
    assert plan.is_empty
    assert plan.vanished == ()


def test_a_question_given_twice_is_refused(question: BankQuestion) -> None:
    with pytest.raises(ValueError, match="add-two-numbers of elsewhere is given twice"):
        plan_import([], [question, question])
