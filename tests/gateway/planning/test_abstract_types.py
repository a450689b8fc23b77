"""Interfaces and unions whose object types are spread over subgraphs."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B C",
    """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  pets: [Pet] @join__field(graph: A)
  node: Node @join__field(graph: A) @join__field(graph: B)
  thing: Thing @join__field(graph: A)
}
interface Pet @join__type(graph: A) @join__type(graph: B) {
  id: ID!
  name: String
  owner: Owner @join__field(graph: A)
}
interface Named @join__type(graph: A) { name: String }
type Cat implements Pet & Named & Node @join__implements(graph: A, interface: "Pet")
  @join__implements(graph: A, interface: "Named") @join__implements(graph: B, interface: "Pet")
  @join__implements(graph: A, interface: "Node")
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A, type: "String!") @join__field(graph: B)
  owner: Owner @join__field(graph: A)
  lives: Int @join__field(graph: B)
}
type Dog implements Pet & Named & Node @join__implements(graph: A, interface: "Pet")
  @join__implements(graph: A, interface: "Named") @join__implements(graph: B, interface: "Pet")
  @join__implements(graph: A, interface: "Node") @join__implements(graph: B, interface: "Node")
  @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A, external: true) @join__field(graph: B)
  owner: Owner @join__field(graph: A)
  barks: Boolean @join__field(graph: B)
}
type Owner @join__type(graph: A, key: "id") @join__type(graph: C, key: "id") {
  id: ID!
  phone: String @join__field(graph: C)
}
interface Node @join__type(graph: A) @join__type(graph: B) { id: ID! }
union Thing @join__type(graph: A) @join__unionMember(graph: A, member: "Cat")
  @join__unionMember(graph: A, member: "Owner") = Cat | Owner
    """,
)


def test_a_field_that_all_types_resolve_is_selected_on_the_interface() -> None:
    assert plan_text(SUPERGRAPH, "{ pets { id } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              pets {
                __typename
                id
              }
            }
          },
        }
        """
    )


def test_an_interface_field_that_one_type_keeps_elsewhere_is_taken_apart() -> None:
    assert plan_text(SUPERGRAPH, "{ pets { name } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                pets {
                  __typename
                  ... on Cat {
                    name__1: name
                  }
                  ... on Dog {
                    id
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "pets.@") {
                ... on Dog { __typename: Dog id }
              }
              =>
              {
                ... on Dog {
                  name
                }
              }
            },
          },
        }
        """
    )


def test_type_conditions_lead_to_one_fetch_for_all_types_of_a_subgraph() -> None:
    assert plan_text(SUPERGRAPH, "{ pets { ... on Cat { lives } ... on Dog { barks } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                pets {
                  __typename
                  ... on Cat {
                    id
                  }
                  ... on Dog {
                    id
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "pets.@") {
                ... on Cat { __typename: Cat id }
                ... on Dog { __typename: Dog id }
              }
              =>
              {
                ... on Cat {
                  lives
                }
                ... on Dog {
                  barks
                }
              }
            },
          },
        }
        """
    )


def test_an_entity_below_an_interface_field_is_fetched_for_all_types_at_once() -> None:
    assert plan_text(SUPERGRAPH, "{ pets { owner { phone } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                pets {
                  __typename
                  owner {
                    id
                  }
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "pets.@.owner") {
                { __typename: Owner id }
              }
              =>
              {
                ... on Owner {
                  phone
                }
              }
            },
          },
        }
        """
    )


def test_an_entity_below_two_type_conditions_is_fetched_in_one_go() -> None:
    operation = "{ pets { ... on Cat { owner { phone } } ... on Dog { owner { phone } } } }"
    assert plan_text(SUPERGRAPH, operation) == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                pets {
                  __typename
                  ... on Cat {
                    owner {
                      id
                    }
                  }
                  ... on Dog {
                    owner {
                      id
                    }
                  }
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "pets.@|[Cat, Dog].owner") {
                { __typename: Owner id }
              }
              =>
              {
                ... on Owner {
                  phone
                }
              }
            },
          },
        }
        """
    )


def test_types_that_declare_a_field_differently_get_different_tree_keys() -> None:
    assert plan_text(SUPERGRAPH, "{ thing { ... on Cat { name } ... on Owner { name: phone } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                thing {
                  __typename
                  ... on Cat {
                    name
                  }
                  ... on Owner {
                    id
                  }
                }
              }
            },
            Fetch(service: "c", id: 1, after: 0) {
              Flatten(path: "thing") {
                ... on Owner { __typename: Owner id }
              }
              =>
              {
                ... on Owner {
                  name__1: phone
                }
              }
            },
          },
        }
        """
    )


def test_fragments_inside_fragments_are_intersected() -> None:
    assert plan_text(SUPERGRAPH, "{ pets { ... on Named { ... on Cat { lives } ... on Pet { id } } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                pets {
                  __typename
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "pets.@") {
                ... on Cat { __typename: Cat id }
              }
              =>
              {
                ... on Cat {
                  lives
                }
              }
            },
          },
        }
        """
    )


def test_a_type_that_the_subgraph_does_not_know_is_not_asked_for() -> None:
    assert plan_text(SUPERGRAPH, "{ node { id ... on Cat { id lives } } }") == expected(
        """
        QueryPlan {
          Fetch(service: "b", id: 0) {
            {
              node {
                __typename
                id
              }
            }
          },
        }
        """
    )


def test_a_leaf_that_the_interface_selects_already_is_not_repeated() -> None:
    assert plan_text(SUPERGRAPH, "{ pets { id ... on Cat { id lives } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                pets {
                  __typename
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "pets.@") {
                ... on Cat { __typename: Cat id }
              }
              =>
              {
                ... on Cat {
                  lives
                }
              }
            },
          },
        }
        """
    )
