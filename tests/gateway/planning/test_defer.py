"""Deferred fragments: what only they need is fetched after the initial answer."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B C",
    """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { item: Item @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
  id: ID!
  name: String @join__field(graph: A)
  stock: Int @join__field(graph: B)
  reviews: [String] @join__field(graph: C)
}
    """,
)


def test_a_fetch_for_a_deferred_fragment_alone_is_held_back() -> None:
    assert plan_text(SUPERGRAPH, '{ item { name ... @defer(label: "later") { stock } } }') == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                item {
                  name
                  id
                }
              }
            },
            Deferred(ids: d1) {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "item") {
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


def test_what_the_initial_answer_needs_too_is_not() -> None:
    assert plan_text(SUPERGRAPH, "{ item { stock ... @defer { stock reviews } } }") == expected(
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
            Parallel {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "item") {
                  { __typename: Item id }
                }
                =>
                {
                  ... on Item {
                    stock
                  }
                }
              },
              Deferred(ids: d1) {
                Fetch(service: "c", id: 2, after: 0) {
                  Flatten(path: "item") {
                    { __typename: Item id }
                  }
                  =>
                  {
                    ... on Item {
                      reviews
                    }
                  }
                },
              },
            },
          },
        }
        """
    )


def test_each_deferred_fragment_has_its_own_fetches() -> None:
    assert plan_text(SUPERGRAPH, "{ item { ... @defer { stock } ... @defer { reviews } } }") == expected(
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
            Parallel {
              Deferred(ids: d1) {
                Fetch(service: "b", id: 1, after: 0) {
                  Flatten(path: "item") {
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
              Deferred(ids: d2) {
                Fetch(service: "c", id: 2, after: 0) {
                  Flatten(path: "item") {
                    { __typename: Item id }
                  }
                  =>
                  {
                    ... on Item {
                      reviews
                    }
                  }
                },
              },
            },
          },
        }
        """
    )


def test_defer_with_a_constant_false_is_no_defer() -> None:
    assert plan_text(SUPERGRAPH, "{ item { ... @defer(if: false) { stock } } }") == expected(
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
                  stock
                }
              }
            },
          },
        }
        """
    )
