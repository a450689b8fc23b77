"""The error LINK_IMPORT_NAME_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_two_names_for_tag() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", { name: "@tag", as: "@mark" }])

    type Query {
      a: Int @mark(name: "x")
    }
    """
    b = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@tag"])

    type Query {
      b: Int @tag(name: "x")
    }
    """
    assert error_codes(a, b) == {"LINK_IMPORT_NAME_MISMATCH"}
