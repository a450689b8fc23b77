"""The error PROVIDES_ON_NON_OBJECT_FIELD."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_on_a_number() -> None:
    a = """
    type Query {
      n: Int @provides(fields: "x")
    }
    """
    assert error_codes(a) == {"PROVIDES_ON_NON_OBJECT_FIELD"}
