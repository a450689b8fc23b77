"""The starter bank, loaded once, and a small sound question that each test spoils in its own way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from subgraphs.questions.bank import BankQuestion, load_bank

QuestionData = dict[str, Any]
WriteQuestion = Callable[[QuestionData], Path]


@pytest.fixture(scope="session")
def starter_bank() -> list[BankQuestion]:
    return load_bank()


@pytest.fixture
def data() -> QuestionData:
    """A question with nothing wrong: add two numbers, eight cases, two of them samples."""
    return {
        "slug": "add-two-numbers",
        "title": "Add Two Numbers",
        "description": "A cashier adds two numbers. Return their sum. "
        + "The numbers may be negative, and both may be equal.",
        "difficulty": "Easy",
        "categories": ["Math"],
        "constraints": ["`-1000 <= left, right_side <= 1000`"],
        "hints": ["There is an operator for it."],
        "editorial": "Add them up. Time O(1), memory O(1), and nothing can overflow.",
        "function": "add_numbers",
        "parameters": [{"name": "left", "type": "int"}, {"name": "right_side", "type": "int"}],
        "returns": "int",
        "test_cases": [
            {"args": {"left": n, "right_side": 2 * n}, "expected": 3 * n, "sample": n in (3, 5)} for n in range(8)
        ],
        "solution": {"python": "def add_numbers(left, right_side):\n    return left + right_side\n"},
    }


@pytest.fixture
def write_question(tmp_path: Path) -> WriteQuestion:
    """Write the data as `<slug>.yaml` into a folder of the test's own."""

    def write(data: QuestionData) -> Path:
        path = tmp_path / f"{data.get('slug', 'unnamed')}.yaml"
        path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        return path

    return write
