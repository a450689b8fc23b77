"""The error CONTEXT_INVALID_SELECTION."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_two_fields() -> None:
    a = """
    type Query {
      u: U
    }

    type U @key(fields: "id") @context(name: "c") {
      id: ID!
      locale: String!
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f(l: String @fromContext(field: "$c { locale id }")): Int
    }
    """
    assert error_codes(a) == {"CONTEXT_INVALID_SELECTION"}


def test_unknown_field() -> None:
    a = """
    type Query {
      u: U
    }

    type U @key(fields: "id") @context(name: "c") {
      id: ID!
      locale: String!
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f(l: String @fromContext(field: "$c { nope }")): Int
    }
    """
    assert error_codes(a) == {"CONTEXT_INVALID_SELECTION"}


def test_one_field() -> None:
    a = """
    type Query {
      u: U
    }

    type U @key(fields: "id") @context(name: "c") {
      id: ID!
      locale: String!
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f(l: String @fromContext(field: "$c { locale }")): Int
    }
    """
    assert not error_codes(a)
