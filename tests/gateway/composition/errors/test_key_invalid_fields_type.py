"""The error KEY_INVALID_FIELDS_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_a_list() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: ["id"]) {
      id: ID!
    }
    """
    assert error_codes(a) == {"KEY_INVALID_FIELDS_TYPE"}


def test_a_word() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: id) {
      id: ID!
    }
    """
    assert error_codes(a) == {"KEY_INVALID_FIELDS_TYPE"}
