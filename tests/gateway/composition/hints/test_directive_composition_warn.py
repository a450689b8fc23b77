"""The hint DIRECTIVE_COMPOSITION_WARN."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_another_name_where_it_is_not_composed() -> None:
    a = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
      @link(url: "https://example.org/mine/v1.0", import: ["@mine"])
      @composeDirective(name: "@mine")

    directive @mine on FIELD_DEFINITION

    type Query {
      a: Int @mine
    }
    """
    b = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
      @link(url: "https://example.org/mine/v1.0", import: [{ name: "@mine", as: "@own" }])

    directive @own on FIELD_DEFINITION

    type Query {
      b: Int @own
    }
    """
    assert "DIRECTIVE_COMPOSITION_WARN" in hint_codes(a, b)
