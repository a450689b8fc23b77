"""Fields that need other fields of their object first (@requires)."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B C D",
    """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) @join__type(graph: D) {
  product: Product @join__field(graph: A)
  products: [Product!]! @join__field(graph: A)
}
type Product @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id")
  @join__type(graph: D, key: "id") {
  id: ID!
  name: String @join__field(graph: B)
  weight: Int @join__field(graph: A) @join__field(graph: B, external: true)
  price(currency: String): Int @join__field(graph: C) @join__field(graph: B, external: true)
  shipping: Int @join__field(graph: B, requires: "weight price(currency: \\"EUR\\")")
  isCheap: Boolean @join__field(graph: D, requires: "shipping")
  shippingLabel: String @join__field(graph: B, requires: "isCheap")
  parts: [[Part]] @join__field(graph: C) @join__field(graph: B, external: true)
  partCount: Int @join__field(graph: B, requires: "parts { size }")
}
type Part @join__type(graph: B) @join__type(graph: C) { size: Int }
    """,
)


def test_what_is_required_is_fetched_first() -> None:
    assert plan_text(SUPERGRAPH, "{ product { shipping } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  weight
                  id
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "product") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight price }
              }
              =>
              {
                ... on Product {
                  shipping
                }
              }
            },
          },
        }
        """
    )


def test_other_fields_of_the_subgraph_come_with_the_same_fetch() -> None:
    assert plan_text(SUPERGRAPH, "{ product { name shipping } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "product") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight price }
              }
              =>
              {
                ... on Product {
                  name
                  shipping
                }
              }
            },
          },
        }
        """
    )


def test_required_arguments_that_differ_from_the_clients_are_fetched_apart() -> None:
    assert plan_text(SUPERGRAPH, '{ product { price(currency: "USD") shipping } }') == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "product") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  price(currency: "USD")
                  price__1: price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight price: price__1 }
              }
              =>
              {
                ... on Product {
                  shipping
                }
              }
            },
          },
        }
        """
    )


def test_required_arguments_that_equal_the_clients_are_fetched_once() -> None:
    assert plan_text(SUPERGRAPH, '{ product { price(currency: "EUR") shipping } }') == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "product") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight price }
              }
              =>
              {
                ... on Product {
                  shipping
                }
              }
            },
          },
        }
        """
    )


def test_requirements_form_chains() -> None:
    assert plan_text(SUPERGRAPH, "{ product { isCheap } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "product") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight price }
              }
              =>
              {
                ... on Product {
                  shipping
                }
              }
            },
            Fetch(service: "d", id: 3, after: 2) {
              Flatten(path: "product") {
                { __typename: Product id shipping }
              }
              =>
              {
                ... on Product {
                  isCheap
                }
              }
            },
          },
        }
        """
    )


def test_a_chain_may_lead_back_to_a_subgraph_that_was_asked_before() -> None:
    assert plan_text(SUPERGRAPH, "{ product { shippingLabel name } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "product") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight price }
              }
              =>
              {
                ... on Product {
                  name
                  shipping
                }
              }
            },
            Fetch(service: "d", id: 3, after: 2) {
              Flatten(path: "product") {
                { __typename: Product id shipping }
              }
              =>
              {
                ... on Product {
                  isCheap
                }
              }
            },
            Fetch(service: "b", id: 4, after: 3) {
              Flatten(path: "product") {
                { __typename: Product id isCheap }
              }
              =>
              {
                ... on Product {
                  shippingLabel
                }
              }
            },
          },
        }
        """
    )
