"""Composite and nested keys, and keys that only together lead somewhere."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B C D",
    """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) @join__type(graph: D) {
  item: Item @join__field(graph: A)
}
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id")
  @join__type(graph: C, key: "id org { code }") @join__type(graph: D, key: "tags { name }") {
  id: ID! @join__field(graph: A) @join__field(graph: B) @join__field(graph: C)
  org: Org @join__field(graph: B) @join__field(graph: C)
  tags: [Tag!]! @join__field(graph: C) @join__field(graph: D)
  price: Int @join__field(graph: C)
  rank: Int @join__field(graph: D)
}
type Org @join__type(graph: B) @join__type(graph: C) { code: String! }
type Tag @join__type(graph: C) @join__type(graph: D) { name: String! }
    """,
)


def test_a_nested_key_is_fetched_where_it_is_known() -> None:
    assert plan_text(SUPERGRAPH, "{ item { price } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
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
                  org {
                    code
                  }
                }
              }
            },
            Fetch(service: "c", id: 2, after: 1) {
              Flatten(path: "item") {
                { __typename: Item id org { code } }
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


def test_a_chain_passes_through_every_subgraph_that_knows_the_next_key() -> None:
    assert plan_text(SUPERGRAPH, "{ item { rank } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
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
                  org {
                    code
                  }
                }
              }
            },
            Fetch(service: "c", id: 2, after: 1) {
              Flatten(path: "item") {
                { __typename: Item id org { code } }
              }
              =>
              {
                ... on Item {
                  tags {
                    name
                  }
                }
              }
            },
            Fetch(service: "d", id: 3, after: 2) {
              Flatten(path: "item") {
                { __typename: Item tags { name } }
              }
              =>
              {
                ... on Item {
                  rank
                }
              }
            },
          },
        }
        """
    )


def test_an_alias_for_another_field_does_not_hide_the_key() -> None:
    assert plan_text(SUPERGRAPH, "{ item { id: price org: id } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
                  org: id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "item") {
                { __typename: Item id: org }
              }
              =>
              {
                ... on Item {
                  org__1: org {
                    code
                  }
                }
              }
            },
            Fetch(service: "c", id: 2, after: 1) {
              Flatten(path: "item") {
                { __typename: Item id: org org: org__1 { code } }
              }
              =>
              {
                ... on Item {
                  id: price
                }
              }
            },
          },
        }
        """
    )
