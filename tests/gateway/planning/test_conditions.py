"""@skip and @include: settled while planning, kept with variables, or the reason why a fetch is left out."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A)
  size: Size @join__field(graph: A)
  price: Int @join__field(graph: B)
  stock: Int @join__field(graph: B)
}
type Size @join__type(graph: A) { width: Int height: Int }
    """,
)


def test_constant_conditions_are_settled() -> None:
    assert plan_text(SUPERGRAPH, "{ item { name @skip(if: true) price @include(if: false) id } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              item {
                id
              }
            }
          },
        }
        """
    )


def test_a_fetch_for_one_condition_is_left_out_with_it() -> None:
    assert plan_text(SUPERGRAPH, "query ($a: Boolean!) { item { name price @include(if: $a) } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0, variables: $a) {
              {
                item {
                  name
                  id @include(if: $a)
                }
              }
            },
            Include(if: $a) {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "item", if: $a) {
                  { __typename: Item id }
                }
                =>
                {
                  ... on Item {
                    price
                  }
                }
              },
            },
          },
        }
        """
    )


def test_a_fetch_for_several_fields_keeps_the_conditions_apart() -> None:
    assert plan_text(SUPERGRAPH, "query ($a: Boolean!) { item { price @include(if: $a) stock } }") == expected(
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
            Fetch(service: "b", id: 1, after: 0, variables: $a) {
              Flatten(path: "item") {
                { __typename: Item id }
              }
              =>
              {
                ... on Item {
                  price @include(if: $a)
                  stock
                }
              }
            },
          },
        }
        """
    )


def test_one_response_key_under_two_conditions_is_fetched_under_either() -> None:
    operation = (
        "query ($a: Boolean!, $b: Boolean!) { item { size @include(if: $a) { width } size @skip(if: $b) { height } } }"
    )
    assert plan_text(SUPERGRAPH, operation) == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0, variables: $a $b) {
            {
              item {
                size @include(if: $a) {
                  width @include(if: $a)
                  height @skip(if: $b)
                }
                size @skip(if: $b) {
                  width @include(if: $a)
                  height @skip(if: $b)
                }
              }
            }
          },
        }
        """
    )


def test_a_condition_and_its_opposite_are_no_condition() -> None:
    operation = "query ($a: Boolean!) { item { price @include(if: $a) price @skip(if: $a) } }"
    assert plan_text(SUPERGRAPH, operation) == expected(
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
                  price
                }
              }
            },
          },
        }
        """
    )


def test_conditions_of_fragments_add_up() -> None:
    operation = (
        "query ($a: Boolean!, $b: Boolean!) { item { ... @include(if: $a) { ... @include(if: $b) { price } } } }"
    )
    assert plan_text(SUPERGRAPH, operation) == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0, variables: $a $b) {
              {
                item {
                  ... @include(if: $b) {
                    id @include(if: $a)
                  }
                }
              }
            },
            Include(if: $a && $b) {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "item", if: $a && $b) {
                  { __typename: Item id }
                }
                =>
                {
                  ... on Item {
                    price
                  }
                }
              },
            },
          },
        }
        """
    )
