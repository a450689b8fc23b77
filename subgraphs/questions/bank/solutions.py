"""Run the reference solutions of a question against its test cases, in a Python process of their own.

This is for authors and for tests of the bank: what candidates write goes to the sandboxed runner and never here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from .comparison import answers_match
from .errors import Problem
from .question import BankQuestion, Language, TestCase, spell_name
from .type_language import JsonValue

RUN_TIMEOUT = 30.0  # seconds for all cases of one solution: brute force is allowed to be slow, but not to hang
_HARNESS = """
import json, sys
work = json.load(sys.stdin)
scope = {"__name__": "solution"}
exec(compile(work["code"], "<solution>", "exec"), scope)
answers = []
for args in work["cases"]:
    try:
        answers.append({"value": scope[work["function"]](*args)})
    except Exception as error:
        answers.append({"error": f"{type(error).__name__}: {error}"})
sys.__stdout__.write(json.dumps(answers))
"""


@dataclass(frozen=True, slots=True)
class _Answer:
    value: JsonValue = None
    error: str = ""


def solution_problems(file: str, question: BankQuestion) -> list[Problem]:
    """Every case in which a reference solution does not give the expected answer."""
    problems: list[Problem] = []
    for kind, code in question.solution.items():
        field = f"solution.{kind}"
        cases = [case for case in question.test_cases if kind != "brute_force" or not case.large]
        try:
            answers = _run(code, question, cases)
        except subprocess.TimeoutExpired:
            problems.append(Problem(file, field, f"ran longer than {RUN_TIMEOUT:.0f} s", "a solution that ends"))
            continue
        except ValueError as error:
            problems.append(Problem(file, field, f"did not run: {error}", "code that runs and returns JSON values"))
            continue
        for case, answer in zip(cases, answers, strict=True):
            if answer.error:
                problems.append(
                    Problem(file, field, f"raised {answer.error} for {_show(case.args)}", _show(case.expected))
                )
            elif not answers_match(question.comparison, case.expected, answer.value):
                problems.append(
                    Problem(file, field, f"gave {_show(answer.value)} for {_show(case.args)}", _show(case.expected))
                )
    return problems


def _run(code: str, question: BankQuestion, cases: list[TestCase]) -> list[_Answer]:
    work = {
        "code": code,
        "function": spell_name(question.signature.function, Language.PYTHON),
        "cases": [list(case.args) for case in cases],
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _HARNESS],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        raise ValueError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
    return [_Answer(**answer) for answer in json.loads(done.stdout)]


def _show(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
