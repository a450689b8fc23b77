"""Fields on their way from one subgraph to another (@override), wholly or for some requests."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  moved: String @join__field(graph: B, override: "a")
  moving: String @join__field(graph: A, overrideLabel: "percent(10)")
    @join__field(graph: B, override: "a", overrideLabel: "percent(10)")
  used: String @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")
  usage: String @join__field(graph: A, requires: "used")
}
    """,
)


def test_an_overridden_field_is_asked_of_its_new_owner() -> None:
    assert plan_text(SUPERGRAPH, "{ item { moved } }") == expected(
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
                  moved
                }
              }
            },
          },
        }
        """
    )


def test_without_its_label_a_field_stays_where_it_was() -> None:
    assert plan_text(SUPERGRAPH, "{ item { moving } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              item {
                moving
              }
            }
          },
        }
        """
    )


def test_with_its_label_a_field_has_moved() -> None:
    assert plan_text(SUPERGRAPH, "{ item { moving } }", frozenset({"percent(10)"})) == expected(
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
                  moving
                }
              }
            },
          },
        }
        """
    )


def test_an_overridden_field_that_is_still_required_comes_from_its_new_owner() -> None:
    assert plan_text(SUPERGRAPH, "{ item { usage } }") == expected(
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
                  used
                }
              }
            },
            Fetch(service: "a", id: 2, after: 1) {
              Flatten(path: "item") {
                { __typename: Item id used }
              }
              =>
              {
                ... on Item {
                  usage
                }
              }
            },
          },
        }
        """
    )
