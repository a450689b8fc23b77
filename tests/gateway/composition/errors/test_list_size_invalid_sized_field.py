"""The error LIST_SIZE_INVALID_SIZED_FIELD."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_field() -> None:
    a = """
    type Query {
      a: P @listSize(assumedSize: 2, sizedFields: ["nope"])
    }

    type P {
      items: [Int]
    }
    """
    assert error_codes(a) == {"LIST_SIZE_INVALID_SIZED_FIELD"}


def test_a_list() -> None:
    a = """
    type Query {
      a: P @listSize(assumedSize: 2, sizedFields: ["items"])
    }

    type P {
      items: [Int]
    }
    """
    assert not error_codes(a)
