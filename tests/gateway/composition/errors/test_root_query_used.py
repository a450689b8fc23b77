"""The error ROOT_QUERY_USED."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_another_type_is_query() -> None:
    a = """
    schema {
      query: Root
    }

    type Root {
      a: Int
    }

    type Query {
      b: Int
    }

    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
    """
    assert error_codes(a) == {"ROOT_QUERY_USED"}
