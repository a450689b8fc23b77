"""The query type below the root: any subgraph may be asked for it, once its place is known."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) {
  item: Item @join__field(graph: A)
  weather: String @join__field(graph: B)
}
type Mutation @join__type(graph: A) { reset: [Reset] clear: Query }
type Reset @join__type(graph: A) { done: Boolean query: Query }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  stock: Int @join__field(graph: B)
}
    """,
    "query: Query mutation: Mutation",
)


def test_fields_of_the_same_subgraph_come_with_the_mutation() -> None:
    assert plan_text(SUPERGRAPH, "mutation { clear { item { id } } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              clear {
                item {
                  id
                }
              }
            }
          },
        }
        """
    )


def test_another_subgraph_is_asked_at_its_own_root() -> None:
    assert plan_text(SUPERGRAPH, "mutation { clear { item { stock } weather } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                clear {
                  item {
                    id
                  }
                }
              }
            },
            Parallel {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "clear.item") {
                  { __typename: Item id }
                }
                =>
                {
                  ... on Item {
                    stock
                  }
                }
              },
              Flatten(path: "clear") {
                Fetch(service: "b", id: 2, after: 0) {
                  {
                    weather
                  }
                },
              },
            },
          },
        }
        """
    )


def test_the_answer_goes_to_every_place_where_the_query_type_stands() -> None:
    assert plan_text(SUPERGRAPH, "mutation { reset { done query { weather } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                reset {
                  done
                  query {
                    __typename
                  }
                }
              }
            },
            Flatten(path: "reset.@.query") {
              Fetch(service: "b", id: 1, after: 0) {
                {
                  weather
                }
              },
            },
          },
        }
        """
    )
