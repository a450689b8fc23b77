"""The error SATISFIABILITY_ERROR."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_key() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id", resolvable: false) {
      id: ID!
    }
    """
    b = """
    type Query {
      q: Int
    }

    type T @key(fields: "no") {
      no: ID!
      x: Int
    }
    """
    assert error_codes(a, b) == {"SATISFIABILITY_ERROR"}


def test_with_a_key() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id", resolvable: false) {
      id: ID!
    }
    """
    b = """
    type Query {
      q: Int
    }

    type T @key(fields: "id") {
      id: ID!
      x: Int
    }
    """
    assert not error_codes(a, b)


def test_a_required_fragment_on_a_type_that_can_never_stand_there() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      u: U
    }

    union U = P | Q

    type P @shareable {
      x: Int
    }

    type Q @shareable {
      x: Int
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      u: U @external
      f: Int @requires(fields: "u { ... on %s { x } }")
    }

    union U = P | Q

    type P @shareable {
      x: Int
    }

    type Q @shareable {
      x: Int
    }

    type R @shareable {
      x: Int
    }

    type Query {
      r: R
    }
    """
    assert error_codes(a, b % "R") == {"SATISFIABILITY_ERROR"}
    assert not error_codes(a, b % "Q")
