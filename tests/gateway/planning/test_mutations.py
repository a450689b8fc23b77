"""Mutation fields run one after the other, whoever serves them."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.planning import Planner
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) }
type Mutation @join__type(graph: A) @join__type(graph: B) {
  rename(name: String): Item @join__field(graph: A)
  touch: Item @join__field(graph: A)
  stockUp(by: Int): Item @join__field(graph: B)
  reset: Reset @join__field(graph: A)
  either: Item @join__field(graph: A) @join__field(graph: B)
}
type Reset @join__type(graph: A) { query: Query }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A) @join__field(graph: B, external: true)
  stock: Int @join__field(graph: B)
  label: String @join__field(graph: B, requires: "name")
}
    """,
    "query: Query mutation: Mutation",
)


def test_fields_of_one_subgraph_in_a_row_are_one_request() -> None:
    assert plan_text(SUPERGRAPH, 'mutation { rename(name: "x") { name } touch { id } }') == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              rename(name: "x") {
                name
              }
              touch {
                id
              }
            }
          },
        }
        """
    )


def test_fields_of_different_subgraphs_wait_for_each_other() -> None:
    operation = 'mutation { rename(name: "x") { name } stockUp(by: 1) { stock } touch { id } }'
    assert plan_text(SUPERGRAPH, operation) == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                rename(name: "x") {
                  name
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              {
                stockUp(by: 1) {
                  stock
                }
              }
            },
            Fetch(service: "a", id: 2, after: 1) {
              {
                touch {
                  id
                }
              }
            },
          },
        }
        """
    )


def test_an_entity_that_a_mutation_returns_is_completed_with_what_it_requires() -> None:
    assert plan_text(SUPERGRAPH, "mutation { stockUp(by: 1) { label } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "b", id: 0) {
              {
                stockUp(by: 1) {
                  id
                }
              }
            },
            Fetch(service: "a", id: 1, after: 0) {
              Flatten(path: "stockUp") {
                { __typename: Item id }
              }
              =>
              {
                ... on Item {
                  name
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "stockUp") {
                { __typename: Item id name }
              }
              =>
              {
                ... on Item {
                  label
                }
              }
            },
          },
        }
        """
    )


def test_the_entity_of_a_field_is_complete_before_the_next_field_runs() -> None:
    assert plan_text(SUPERGRAPH, 'mutation { rename(name: "x") { stock } stockUp(by: 1) { id } }') == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                rename(name: "x") {
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "rename") {
                { __typename: Item id }
              }
              =>
              {
                ... on Item {
                  stock
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              {
                stockUp(by: 1) {
                  id
                }
              }
            },
          },
        }
        """
    )


def test_a_mutation_that_two_subgraphs_could_do_is_done_by_one() -> None:
    assert plan_text(SUPERGRAPH, "mutation { either { name stock } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                either {
                  name
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "either") {
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


def test_the_subgraph_that_has_all_of_the_answer_does_it() -> None:
    assert plan_text(SUPERGRAPH, "mutation { either { id stock } }") == expected(
        """
        QueryPlan {
          Fetch(service: "b", id: 0) {
            {
              either {
                id
                stock
              }
            }
          },
        }
        """
    )


def test_the_query_type_below_a_mutation_is_the_whole_graphs() -> None:
    assert plan_text(SUPERGRAPH, "mutation { reset { query { item { name stock } } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                reset {
                  query {
                    item {
                      name
                      id
                    }
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "reset.query.item") {
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


def test_the_field_after_a_run_waits_for_the_entities_of_all_of_the_run() -> None:
    operation = 'mutation { rename(name: "x") { stock } touch { id } stockUp(by: 1) { id } }'
    assert plan_text(SUPERGRAPH, operation) == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                rename(name: "x") {
                  id
                }
                touch {
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "rename") {
                { __typename: Item id }
              }
              =>
              {
                ... on Item {
                  stock
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              {
                stockUp(by: 1) {
                  id
                }
              }
            },
          },
        }
        """
    )


@pytest.mark.parametrize(("fields", "fetches"), [(("rename", "rename"), 2), (("rename", "stockUp"), 750)])
def test_hundreds_of_fields_are_planned_in_no_more_time_than_is_allowed(fields: tuple[str, str], fetches: int) -> None:
    below = {"rename": "stock", "stockUp": "stock"}
    text = " ".join(f"x{n}: {fields[n % 2]} {{ {below[fields[n % 2]]} }}" for n in range(500))
    plan = Planner(supergraph_from_sdl(SUPERGRAPH), deadline=30.0).plan(parse(f"mutation {{ {text} }}"))
    assert len(plan.fetches) == fetches
