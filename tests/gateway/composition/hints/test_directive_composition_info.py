"""The hint DIRECTIVE_COMPOSITION_INFO."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_two_major_versions_that_nobody_composes() -> None:
    a = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
      @link(url: "https://example.org/mine/v1.0", import: ["@mine"])

    directive @mine on FIELD_DEFINITION

    type Query {
      a: Int @mine
    }
    """
    b = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
      @link(url: "https://example.org/mine/v2.0", import: ["@mine"])

    directive @mine on FIELD_DEFINITION

    type Query {
      b: Int @mine
    }
    """
    assert "DIRECTIVE_COMPOSITION_INFO" in hint_codes(a, b)
