"""The error ONLY_INACCESSIBLE_CHILDREN."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_all_fields_hidden() -> None:
    a = """
    type Query {
      t: T
    }

    type T {
      x: Int @inaccessible
    }
    """
    assert error_codes(a) == {"ONLY_INACCESSIBLE_CHILDREN"}
