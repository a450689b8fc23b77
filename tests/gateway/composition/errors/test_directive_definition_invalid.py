"""The error DIRECTIVE_DEFINITION_INVALID."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_argument() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@tag"])

    directive @tag(name: String!, more: Int) on OBJECT

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"DIRECTIVE_DEFINITION_INVALID"}


def test_tag_without_name() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@tag"])

    directive @tag on OBJECT

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"DIRECTIVE_DEFINITION_INVALID"}


def test_own_definition_with_fewer_locations() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@tag"])

    directive @tag(name: String!) repeatable on OBJECT

    type Query {
      q: Int
    }
    """
    assert not error_codes(a)
