"""Aliases that would collide: the tree keeps both values apart."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A)
  price: Int @join__field(graph: B)
  label(size: Int): String @join__field(graph: A)
}
    """,
)


def test_an_alias_that_hides_the_key_moves_the_key() -> None:
    assert plan_text(SUPERGRAPH, "{ item { id: name price } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
                  id: name
                  id__1: id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "item") {
                { __typename: Item id: id__1 }
              }
              =>
              {
                ... on Item {
                  price
                }
              }
            },
          },
        }
        """
    )


def test_an_alias_of_the_key_is_used_as_the_key() -> None:
    assert plan_text(SUPERGRAPH, "{ item { me: id price } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
                  me: id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "item") {
                { __typename: Item id: me }
              }
              =>
              {
                ... on Item {
                  price
                }
              }
            },
          },
        }
        """
    )


def test_an_alias_may_be_called_like_a_field_of_another_subgraph() -> None:
    assert plan_text(SUPERGRAPH, "{ item { price: name name: price } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
                  price: name
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "item") {
                { __typename: Item id }
              }
              =>
              {
                ... on Item {
                  name: price
                }
              }
            },
          },
        }
        """
    )


def test_different_arguments_under_different_aliases_stay_apart() -> None:
    assert plan_text(SUPERGRAPH, "{ item { label(size: 1) big: label(size: 9) } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              item {
                label(size: 1)
                big: label(size: 9)
              }
            }
          },
        }
        """
    )
