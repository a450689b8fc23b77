"""A subscription has one source; what other subgraphs add is fetched for each event."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) }
type Subscription @join__type(graph: A) { changed(id: ID): Item }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A)
  stock: Int @join__field(graph: B)
}
    """,
    "query: Query subscription: Subscription",
)


def test_a_subscription_of_one_subgraph_is_its_source_alone() -> None:
    assert plan_text(SUPERGRAPH, "subscription ($id: ID) { changed(id: $id) { name } }") == expected(
        """
        QueryPlan {
          Subscription {
            Primary: {
              Fetch(service: "a", id: 0, variables: $id) {
                {
                  changed(id: $id) {
                    name
                  }
                }
              },
            },
          },
        }
        """
    )


def test_entities_of_other_subgraphs_follow_each_event() -> None:
    assert plan_text(SUPERGRAPH, "subscription Changed($id: ID) { changed(id: $id) { name stock } }") == expected(
        """
        QueryPlan {
          Subscription {
            Primary: {
              Fetch(service: "a", id: 0, variables: $id) {
                {
                  changed(id: $id) {
                    name
                    id
                  }
                }
              },
            },
            Rest: {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "changed") {
                  { __typename: Item id }
                }
                =>
                {
                  ... on Item {
                    stock
                  }
                }
              },
            },
          },
        }
        """
    )
