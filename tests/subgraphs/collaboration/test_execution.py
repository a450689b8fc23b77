"""Running the session's code: asked for by one, seen by both, judged outside of the sandbox, refused without one."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pycrdt
import pytest
from sqlalchemy import select

from subgraphs.collaboration.execution.fair_queue import FairQueue, QueueFull
from subgraphs.collaboration.execution.sandbox import Sandbox, SandboxMissing
from subgraphs.collaboration.execution.seccomp import UnknownMachine, seccomp_filter
from subgraphs.collaboration.judging import answers_match
from subgraphs.collaboration.models import Outbox, ParticipantRow
from subgraphs.collaboration.run_types import difference_between
from tests.subgraphs.collaboration.people import Editor, Person

RUN_FIELDS = """
  __typename
  ... on Run { id status }
  ... on Error { code message }
"""
RUN = f"mutation ($input: RunCodeInput!) {{ runCode(input: $input) {{ {RUN_FIELDS} }} }}"
SUBMIT = f"mutation ($input: SubmitSolutionInput!) {{ submitSolution(input: $input) {{ {RUN_FIELDS} }} }}"
RUN_EVENTS = """
subscription ($id: ID!, $after: Int, $epoch: ID) {
  sessionEvents(sessionId: $id, after: $after, epoch: $epoch) {
    __typename seq
    ... on SessionRunChanged {
      isFinished
      run {
        id kind verdict passed total compileOutput startedBy { id }
        cases { number isHidden verdict input expected actual stdout difference }
        firstFailing { number difference }
      }
    }
  }
}
"""
VECTORS = Path(__file__).parents[1] / "questions" / "bank" / "comparison_vectors.json"


def need_sandbox() -> None:
    try:
        Sandbox.find()
    except SandboxMissing as missing:
        pytest.skip(f"no sandbox here: {missing}")


async def finished(following: Any) -> Any:
    async with asyncio.timeout(60):
        return (await following.until("SessionRunChanged", isFinished=True))["run"]


async def replace_code(person: Person, session_id: str, code: str) -> None:
    editor = Editor()
    document = await person.do("query ($id: ID!) { document(sessionId: $id) { updates } }", id=session_id)
    editor.apply(*(base64.b64decode(update) for update in document["updates"]))
    text = editor.document.get(editor.text_name, type=pycrdt.Text)
    editor.made.clear()
    with editor.document.transaction():
        text.clear()
        text += code
    assert (await person.push(session_id, *editor.made))["__typename"] == "UpdatesAcknowledged"


async def wait_for_runner(person: Person) -> list[Any]:
    async with asyncio.timeout(60):
        while not (found := await person.do("{ toolchains { language version } }")):
            await asyncio.sleep(0.2)
    return list(found)


async def test_without_a_sandbox_the_answer_is_execution_unavailable(stage: Any) -> None:
    session_id, first, _ = await stage.session(question_id=stage.neighbours.add_question())
    for document, given in ((RUN, {"stdin": ""}), (RUN, {"cases": ["[1, 2]"]}), (RUN, {}), (SUBMIT, {})):
        answer = await first.do(document, input={"sessionId": session_id, **given})
        assert answer["code"] == "EXECUTION_UNAVAILABLE"
    assert await first.do("{ toolchains { language } }") == []


async def test_code_with_a_character_that_cannot_be_stored_is_run_all_the_same(open_stage: Any) -> None:
    need_sandbox()
    stage = await open_stage(execution="child", execution_languages=["python"])
    session_id, first, second = await stage.session()
    await wait_for_runner(first)
    await replace_code(first, session_id, "print('a')  # \x00\n")
    async with second.follow(session_id, document=RUN_EVENTS) as theirs:
        await theirs.next()
        assert (await first.do(RUN, input={"sessionId": session_id, "stdin": ""}))["status"] == "RUNNING"
        assert (await finished(theirs))["cases"][0]["stdout"] == "a\n"


async def test_a_run_whose_process_is_ended_is_told_as_interrupted(open_stage: Any) -> None:
    need_sandbox()
    stage = await open_stage(execution="child", execution_languages=["python"])
    session_id, first, second = await stage.session()
    await wait_for_runner(first)
    await replace_code(first, session_id, "import time\ntime.sleep(600)\n")
    async with second.follow(session_id, document=RUN_EVENTS) as theirs:
        await theirs.next()
        assert (await first.do(RUN, input={"sessionId": session_id, "stdin": ""}))["status"] == "RUNNING"
        await stage.services.execution.aclose()
        assert (await finished(theirs))["verdict"] == "INTERNAL_ERROR"


async def test_who_may_not_run_code_is_told_so_with_or_without_a_sandbox(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    viewer = stage.person()
    async with stage.app.state.runtime.database.transaction() as session:
        session.add(ParticipantRow(session_id=UUID(session_id), user_id=viewer.id, role="viewer", color="#000000"))
    given = {"sessionId": session_id, "stdin": ""}
    assert (await viewer.do(RUN, input=given))["code"] == "READ_ONLY"
    await stage.services.sessions.end(first.id, UUID(session_id))
    assert (await first.do(RUN, input=given))["code"] == "SESSION_CLOSED"


async def test_a_run_and_a_submission_from_the_keyboard_to_the_verdict(open_stage: Any) -> None:
    need_sandbox()
    stage = await open_stage(execution="child", execution_languages=["python"])
    session_id, first, second = await stage.session(question_id=stage.neighbours.add_question())
    assert (await wait_for_runner(first))[0]["language"] == "PYTHON"
    await replace_code(
        first, session_id, "def add_up(first, second):\n    print('adding', first)\n    return first + second\n"
    )
    async with second.follow(session_id, document=RUN_EVENTS) as theirs:
        assert (await theirs.next())["__typename"] == "SessionHello"
        keyed = replace(first, idempotency_key="run-once")
        started = await keyed.do(RUN, input={"sessionId": session_id})
        assert started["status"] == "RUNNING"
        run = await finished(theirs)
        assert (run["kind"], run["verdict"], run["passed"], run["total"]) == ("RUN", "ACCEPTED", 1, 1)
        assert run["startedBy"] == {"id": str(first.id)}
        assert run["cases"][0]["stdout"] == "adding 1\n"
        assert (run["cases"][0]["input"], run["cases"][0]["expected"]) == ("[1,2]", "3")

        # Neither the same call again nor, under its key, another one begins anything; the next run that ends is the second's.
        assert (await keyed.do(RUN, input={"sessionId": session_id}))["id"] == started["id"] == run["id"]
        assert (await keyed.do(RUN, input={"sessionId": session_id, "stdin": ""}))["code"] == "IDEMPOTENCY_KEY_REUSED"

        await second.do(RUN, input={"sessionId": session_id, "cases": ["[40, 2]", '["a", "b"]']})
        run = await finished(theirs)
        assert (run["verdict"], [case["actual"] for case in run["cases"]]) == ("COMPLETED", ["42", '"ab"'])

        await first.do(RUN, input={"sessionId": session_id, "stdin": ""})
        assert (await finished(theirs))["verdict"] == "COMPLETED"

        submitted = await asyncio.gather(*(keyed.do(SUBMIT, input={"sessionId": session_id}) for _ in range(3)))
        run = await finished(theirs)
        assert (run["kind"], run["verdict"], run["passed"], run["total"]) == ("SUBMIT", "ACCEPTED", 2, 2)
        assert {answer["id"] for answer in submitted} == {run["id"]}
        hidden = run["cases"][1]
        assert hidden["isHidden"] is True
        assert {hidden[key] for key in ("input", "expected", "actual", "stdout")} == {None}

        await replace_code(first, session_id, "def add_up(first, second):\n    return 3\n")
        await first.do(SUBMIT, input={"sessionId": session_id})
        run = await finished(theirs)
        assert (run["verdict"], run["passed"]) == ("WRONG_ANSWER", 1)
        assert run["firstFailing"] is None
    async with stage.app.state.runtime.database.session() as session:
        judged = (await session.scalars(select(Outbox).where(Outbox.type == "submission.judged"))).all()
    assert [(row.data["verdict"], row.data["passed"], row.data["total"]) for row in judged] == [
        ("ACCEPTED", 2, 2),
        ("WRONG_ANSWER", 1, 2),
    ]
    assert judged[0].data["language"] == "PYTHON"
    assert UUID(judged[0].data["question_id"])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"cases": []}, "cases"),
        ({"cases": ["[1"]}, "input.cases.0"),
        ({"cases": ["{}"]}, "input.cases.0"),
        ({"cases": ["[1]"], "stdin": ""}, "input.cases"),
        ({"stdin": "x" * 70_000}, "input.stdin"),
    ],
)
async def test_an_input_that_is_wrong_is_named(stage: Any, given: dict[str, Any], field: str) -> None:
    session_id, first, _ = await stage.session(question_id=stage.neighbours.add_question())
    document = RUN.replace("... on Error { code message }", "... on InvalidInput { field }")
    answer = await first.do(document, input={"sessionId": session_id, **given})
    assert answer["__typename"] == "InvalidInput"
    assert field in answer["field"]


def test_answers_are_compared_as_the_bank_compares_them() -> None:
    if not VECTORS.exists():
        pytest.skip("the question bank's comparison vectors are not there")
    vectors = json.loads(VECTORS.read_text())
    assert len(vectors) > 10
    for vector in vectors:
        found = answers_match(vector["comparison"], vector["expected"], vector["actual"])
        assert found is vector["matches"], vector


def test_a_difference_shows_where_two_answers_part() -> None:
    assert difference_between("[1,2,3]", "[1,2,4]") == "expected [1,2,[3]] but got [1,2,[4]]"
    assert difference_between('"abc"', '"ab"').startswith('expected "ab[c"]')


async def test_people_take_turns_in_the_line() -> None:
    queue: FairQueue[str] = FairQueue(max_waiting=5, max_per_person=3)
    for item in ("a1", "a2", "a3"):
        queue.put("a", item)
    queue.put("b", "b1")
    with pytest.raises(QueueFull, match="3 of your runs"):
        queue.put("a", "a4")
    queue.put("c", "c1")
    with pytest.raises(QueueFull, match="too many"):
        queue.put("d", "d1")
    assert [await queue.get() for _ in range(5)] == ["a1", "b1", "c1", "a2", "a3"]


def test_the_filter_is_made_for_known_machines_only() -> None:
    assert len(seccomp_filter("x86_64")) % 8 == 0
    assert seccomp_filter("x86_64") != seccomp_filter("aarch64")
    with pytest.raises(UnknownMachine, match="riscv64"):
        seccomp_filter("riscv64")
