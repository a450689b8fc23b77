"""The error INVALID_LINK_DIRECTIVE_USAGE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_import() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@nope"])

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"INVALID_LINK_DIRECTIVE_USAGE"}


def test_linked_twice() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0") @link(url: "https://specs.apollo.dev/federation/v2.3")

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"INVALID_LINK_DIRECTIVE_USAGE"}


def test_one_name_for_two() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", { name: "@tag", as: "@key" }])

    type Query {
      q: Int
    }
    """
    assert error_codes(a) == {"INVALID_LINK_DIRECTIVE_USAGE"}


def test_renamed() -> None:
    a = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", { name: "@tag", as: "@mark" }])

    type Query {
      q: Int
    }
    """
    assert not error_codes(a)
