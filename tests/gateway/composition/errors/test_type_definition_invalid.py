"""The error TYPE_DEFINITION_INVALID."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_fieldset_is_an_enum() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "FieldSet"])

    enum FieldSet {
      A
    }

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"TYPE_DEFINITION_INVALID"}


def test_fieldset_is_a_scalar() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "FieldSet"])

    scalar FieldSet

    type Query {
      q: Int
    }
    """
    assert not error_codes(a)
