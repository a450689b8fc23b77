"""Every code is explained, and has a test file of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.composition import ErrorCode, HintCode
from gateway.composition.advice import ERROR_ADVICE, HINT_ADVICE

HERE = Path(__file__).parent


@pytest.mark.parametrize("code", ErrorCode)
def test_error(code: ErrorCode) -> None:
    assert ERROR_ADVICE[code].endswith(".")
    assert (HERE / "errors" / f"test_{code.lower()}.py").exists()


@pytest.mark.parametrize("code", HintCode)
def test_hint(code: HintCode) -> None:
    assert HINT_ADVICE[code].endswith(".")
    assert (HERE / "hints" / f"test_{code.lower()}.py").exists()
