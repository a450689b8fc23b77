"""The error LIST_SIZE_INVALID_SLICING_ARGUMENT."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_argument() -> None:
    a = """
    type Query {
      a: [Int] @listSize(slicingArguments: ["first"])
    }
    """
    assert error_codes(a) == {"LIST_SIZE_INVALID_SLICING_ARGUMENT"}


def test_not_a_number() -> None:
    a = """
    type Query {
      a(first: String): [Int] @listSize(slicingArguments: ["first"])
    }
    """
    assert error_codes(a) == {"LIST_SIZE_INVALID_SLICING_ARGUMENT"}


def test_a_number() -> None:
    a = """
    type Query {
      a(first: Int): [Int] @listSize(slicingArguments: ["first"])
    }
    """
    assert not error_codes(a)
