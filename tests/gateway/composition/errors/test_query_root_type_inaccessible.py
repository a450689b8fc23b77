"""The error QUERY_ROOT_TYPE_INACCESSIBLE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_hidden_root() -> None:
    a = """
    type Query @inaccessible {
      a: Int
    }
    """
    assert error_codes(a) == {"QUERY_ROOT_TYPE_INACCESSIBLE"}
