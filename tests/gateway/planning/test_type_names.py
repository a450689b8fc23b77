"""`__typename` and introspection are answered without asking anybody, wherever that is possible."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { item: Item @join__field(graph: A) any: Any
  @join__field(graph: A) }
type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  stock: Int @join__field(graph: B)
}
type Box @join__type(graph: A) { size: Int }
union Any @join__type(graph: A) @join__unionMember(graph: A, member: "Item")
  @join__unionMember(graph: A, member: "Box") = Item | Box
    """,
)


def test_an_operation_about_types_alone_needs_no_subgraph() -> None:
    assert plan_text(SUPERGRAPH, "{ __typename again: __typename __schema { queryType { name } } }") == expected(
        """
        QueryPlan {}
        """
    )


def test_the_type_of_an_object_is_known() -> None:
    assert plan_text(SUPERGRAPH, "{ item { __typename id } }") == expected(
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


def test_an_object_of_which_only_the_type_is_asked_must_still_be_there() -> None:
    assert plan_text(SUPERGRAPH, "{ item { __typename } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              item {
                __typename
              }
            }
          },
        }
        """
    )


def test_the_runtime_type_of_a_union_is_asked() -> None:
    assert plan_text(SUPERGRAPH, "{ any { kind: __typename } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              any {
                __typename
              }
            }
          },
        }
        """
    )
