"""The error DEFAULT_VALUE_USES_INACCESSIBLE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_enum_value() -> None:
    a = """
    type Query {
      a(e: E = B): Int
    }

    enum E {
      A
      B @inaccessible
    }
    """
    assert error_codes(a) == {"DEFAULT_VALUE_USES_INACCESSIBLE"}
