"""The error DISALLOWED_INACCESSIBLE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_argument_of_a_composed_directive() -> None:
    a = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective", "@inaccessible"])
      @link(url: "https://example.org/mine/v1.0", import: ["@mine"])
      @composeDirective(name: "@mine")

    directive @mine(x: Int @inaccessible) on FIELD_DEFINITION

    type Query {
      a: Int @mine(x: 1)
    }
    """
    assert error_codes(a) == {"DISALLOWED_INACCESSIBLE"}
