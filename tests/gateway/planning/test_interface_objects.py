"""A subgraph that knows an interface as one object type (@interfaceObject)."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) {
  media: [Media] @join__field(graph: A)
  rated: [Media] @join__field(graph: B)
}
interface Media @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) {
  id: ID!
  title: String @join__field(graph: A) @join__field(graph: B, external: true)
  stars: Int @join__field(graph: B)
  headline: String @join__field(graph: B, requires: "title")
}
type Book implements Media @join__implements(graph: A, interface: "Media") @join__type(graph: A, key: "id") {
  id: ID!
  title: String
  pages: Int
  stars: Int @join__field
  headline: String @join__field
}
type Film implements Media @join__implements(graph: A, interface: "Media") @join__type(graph: A, key: "id") {
  id: ID!
  title: String
  stars: Int @join__field
  headline: String @join__field
}
    """,
)


def test_fields_of_the_interface_object_are_fetched_under_the_interfaces_name() -> None:
    assert plan_text(SUPERGRAPH, "{ media { title stars } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                media {
                  __typename
                  title
                  id
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "media.@") {
                { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  stars
                }
              }
            },
          },
        }
        """
    )


def test_its_own_fields_need_no_other_subgraph() -> None:
    assert plan_text(SUPERGRAPH, "{ rated { stars } }") == expected(
        """
        QueryPlan {
          Fetch(service: "b", id: 0) {
            {
              rated {
                stars
              }
            }
          },
        }
        """
    )


def test_a_type_question_is_answered_by_the_subgraph_that_knows_the_types() -> None:
    assert plan_text(SUPERGRAPH, "{ rated { __typename stars } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "b", id: 0) {
              {
                rated {
                  stars
                  id
                }
              }
            },
            Fetch(service: "a", id: 1, after: 0) {
              Flatten(path: "rated.@") {
                { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  __typename
                }
              }
            },
          },
        }
        """
    )


def test_a_type_condition_needs_the_runtime_type_first() -> None:
    assert plan_text(SUPERGRAPH, "{ rated { ... on Book { pages } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "b", id: 0) {
              {
                rated {
                  id
                }
              }
            },
            Fetch(service: "a", id: 1, after: 0) {
              Flatten(path: "rated.@") {
                { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  __typename
                  ... on Book {
                    pages
                  }
                }
              }
            },
          },
        }
        """
    )


def test_a_field_of_the_interface_object_beside_a_fragment_on_one_type() -> None:
    assert plan_text(SUPERGRAPH, "{ media { stars ... on Book { pages stars } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                media {
                  __typename
                  id
                  ... on Book {
                    pages
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "media.@") {
                { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  stars
                }
              }
            },
          },
        }
        """
    )


def test_a_fragment_on_one_type_asks_the_interface_object_for_that_type_only() -> None:
    assert plan_text(SUPERGRAPH, "{ rated { ... on Book { stars } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "b", id: 0) {
              {
                rated {
                  id
                }
              }
            },
            Fetch(service: "a", id: 1, after: 0) {
              Flatten(path: "rated.@") {
                { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  __typename
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "rated.@") {
                ... on Book { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  stars
                }
              }
            },
          },
        }
        """
    )


def test_what_the_interface_object_requires_is_fetched_from_the_interface() -> None:
    assert plan_text(SUPERGRAPH, "{ rated { headline } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "b", id: 0) {
              {
                rated {
                  id
                }
              }
            },
            Fetch(service: "a", id: 1, after: 0) {
              Flatten(path: "rated.@") {
                { __typename: Media id }
              }
              =>
              {
                ... on Media {
                  __typename
                  title
                }
              }
            },
            Fetch(service: "b", id: 2, after: 1) {
              Flatten(path: "rated.@") {
                { __typename: Media id title }
              }
              =>
              {
                ... on Media {
                  headline
                }
              }
            },
          },
        }
        """
    )
