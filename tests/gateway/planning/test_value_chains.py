"""Subgraphs reached through the fields above, where the object itself has no key."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { order: Order @join__field(graph: A) }
type Order @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  total: Money @join__field(graph: A) @join__field(graph: B)
  lines: [[Line]] @join__field(graph: A) @join__field(graph: B)
}
type Money @join__type(graph: A) @join__type(graph: B) {
  amount: Int @join__field(graph: A)
  currency: String @join__field(graph: B)
}
type Line @join__type(graph: A) @join__type(graph: B) {
  count: Int @join__field(graph: A)
  note: String @join__field(graph: B)
}
    """,
)


def test_the_missing_part_is_fetched_through_the_parent() -> None:
    assert plan_text(SUPERGRAPH, "{ order { total { amount currency } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                order {
                  total {
                    amount
                  }
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "order") {
                { __typename: Order id }
              }
              =>
              {
                ... on Order {
                  total {
                    currency
                  }
                }
              }
            },
          },
        }
        """
    )


def test_lists_of_such_objects_are_merged_item_by_item() -> None:
    assert plan_text(SUPERGRAPH, "{ order { lines { count note } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                order {
                  lines {
                    count
                  }
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "order") {
                { __typename: Order id }
              }
              =>
              {
                ... on Order {
                  lines {
                    note
                  }
                }
              }
            },
          },
        }
        """
    )
