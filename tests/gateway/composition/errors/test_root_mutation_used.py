"""The error ROOT_MUTATION_USED."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_another_type_is_mutation() -> None:
    a = """
    schema {
      query: Query
      mutation: M
    }

    type Query {
      q: Int
    }

    type M {
      a: Int
    }

    type Mutation {
      b: Int
    }

    extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
    """
    assert error_codes(a) == {"ROOT_MUTATION_USED"}
