"""Fields that several subgraphs resolve: the fewest fetches, the shortest chains."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B C",
    """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  me: User @join__field(graph: A) @join__field(graph: B)
  shop: Shop @join__field(graph: A) @join__field(graph: B)
  first: User @join__field(graph: C)
}
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: ID!
  name: String @join__field(graph: A) @join__field(graph: B)
  mail: String @join__field(graph: B)
  phone: String @join__field(graph: A)
  home: Place @join__field(graph: A) @join__field(graph: B)
}
type Place @join__type(graph: A) @join__type(graph: B) {
  street: String @join__field(graph: A)
  city: String @join__field(graph: B)
  country: String
}
type Shop @join__type(graph: A) @join__type(graph: B) {
  name: String @join__field(graph: A)
  open: Boolean @join__field(graph: B)
}
    """,
)


def test_one_subgraph_that_has_everything_is_asked_alone() -> None:
    assert plan_text(SUPERGRAPH, "{ me { name mail } }") == expected(
        """
        QueryPlan {
          Fetch(service: "b", id: 0) {
            {
              me {
                name
                mail
              }
            }
          },
        }
        """
    )


def test_parts_of_a_value_come_from_where_they_are() -> None:
    assert plan_text(SUPERGRAPH, "{ first { home { street city country } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "c", id: 0) {
              {
                first {
                  id
                }
              }
            },
            Parallel {
              Fetch(service: "a", id: 1, after: 0) {
                Flatten(path: "first") {
                  { __typename: User id }
                }
                =>
                {
                  ... on User {
                    home {
                      street
                      country
                    }
                  }
                }
              },
              Fetch(service: "b", id: 2, after: 0) {
                Flatten(path: "first") {
                  { __typename: User id }
                }
                =>
                {
                  ... on User {
                    home {
                      city
                    }
                  }
                }
              },
            },
          },
        }
        """
    )


def test_a_shared_root_without_keys_is_asked_in_parallel() -> None:
    assert plan_text(SUPERGRAPH, "{ shop { name open } }") == expected(
        """
        QueryPlan {
          Parallel {
            Fetch(service: "a", id: 0) {
              {
                shop {
                  name
                }
              }
            },
            Fetch(service: "b", id: 1) {
              {
                shop {
                  open
                }
              }
            },
          },
        }
        """
    )


def test_a_shared_field_is_taken_from_where_one_goes_anyway() -> None:
    assert plan_text(SUPERGRAPH, "{ first { name mail } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "c", id: 0) {
              {
                first {
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "first") {
                { __typename: User id }
              }
              =>
              {
                ... on User {
                  mail
                  name
                }
              }
            },
          },
        }
        """
    )


def test_one_of_many_subgraphs_that_share_a_type_is_found_for_each_field() -> None:
    """A namespace: every subgraph has the objects, each has one field of them."""
    graphs = [f"S{number}" for number in range(30)]
    joined = " ".join(f"@join__type(graph: {graph})" for graph in graphs)
    fields = " ".join(f"x{graph}: Int @join__field(graph: {graph})" for graph in graphs)
    sdl = supergraph_sdl(
        " ".join(graphs),
        f"type Query {joined} {{ viewer: Viewer }} type Viewer {joined} {{ space: Space }} type Space {joined} {{ {fields} }}",
    )
    text = plan_text(sdl, f"{{ viewer {{ space {{ {' '.join(f'x{graph}' for graph in graphs)} }} }} }}")
    assert [graph for graph in graphs if f'service: "{graph.lower()}"' not in text] == []
