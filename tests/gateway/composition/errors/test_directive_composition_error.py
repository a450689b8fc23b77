"""The error DIRECTIVE_COMPOSITION_ERROR."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_two_major_versions() -> None:
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
      @link(url: "https://example.org/mine/v2.0", import: ["@mine"])
      @composeDirective(name: "@mine")

    directive @mine on FIELD_DEFINITION

    type Query {
      b: Int @mine
    }
    """
    assert error_codes(a, b) == {"DIRECTIVE_COMPOSITION_ERROR"}


def test_no_at_sign() -> None:
    a = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
      @link(url: "https://example.org/mine/v1.0", import: ["@mine"])
      @composeDirective(name: "mine")

    directive @mine on FIELD_DEFINITION

    type Query {
      a: Int @mine
    }
    """
    assert error_codes(a) == {"DIRECTIVE_COMPOSITION_ERROR"}


def test_two_minor_versions() -> None:
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
      @link(url: "https://example.org/mine/v1.1", import: ["@mine"])
      @composeDirective(name: "@mine")

    directive @mine on FIELD_DEFINITION

    type Query {
      b: Int @mine
    }
    """
    assert not error_codes(a, b)
