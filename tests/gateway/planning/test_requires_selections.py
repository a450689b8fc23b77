"""@requires beside what the client selects: lists, aliases, conditions."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text
from tests.gateway.planning.test_requires import SUPERGRAPH


def test_objects_in_nested_lists_are_required_whole() -> None:
    assert plan_text(SUPERGRAPH, "{ products { partCount } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                products {
                  id
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "products.@") {
                { __typename: Product id }
              }
              =>
              {
                ... on Product {
                  parts {
                    size
                  }
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "products.@") {
                { __typename: Product id parts { size } }
              }
              =>
              {
                ... on Product {
                  partCount
                }
              }
            },
          },
        }
        """
    )


def test_a_required_field_under_an_alias_is_used_where_it_lies() -> None:
    assert plan_text(SUPERGRAPH, "{ product { w: weight price: name shipping } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  w: weight
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
                  price__1: price(currency: "EUR")
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "product") {
                { __typename: Product id weight: w price: price__1 }
              }
              =>
              {
                ... on Product {
                  price: name
                  shipping
                }
              }
            },
          },
        }
        """
    )


def test_requirements_of_a_conditional_field_are_conditional() -> None:
    assert plan_text(SUPERGRAPH, "query ($x: Boolean!) { product { name shipping @include(if: $x) } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0, variables: $x) {
              {
                product {
                  id
                  weight @include(if: $x)
                }
              }
            },
            Parallel {
              Fetch(service: "b", id: 1, after: 0) {
                Flatten(path: "product") {
                  { __typename: Product id }
                }
                =>
                {
                  ... on Product {
                    name
                  }
                }
              },
              Include(if: $x) {
                Fetch(service: "c", id: 2, after: 0) {
                  Flatten(path: "product", if: $x) {
                    { __typename: Product id }
                  }
                  =>
                  {
                    ... on Product {
                      price(currency: "EUR")
                    }
                  }
                },
              },
            },
            Include(if: $x) {
              Fetch(service: "b", id: 3, after: 2) {
                Flatten(path: "product", if: $x) {
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
          },
        }
        """
    )
