"""Fields that a subgraph resolves only on certain ways (@provides)."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) {
  latest: Review @join__field(graph: A, provides: "author { name }")
  reviews: [Review] @join__field(graph: A)
  media: [Media] @join__field(graph: A, provides: "... on Film { title }")
}
type Review @join__type(graph: A) { author: User text: String }
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A, external: true) @join__field(graph: B)
  mail: String @join__field(graph: B)
}
union Media @join__type(graph: A) @join__unionMember(graph: A, member: "Film")
  @join__unionMember(graph: A, member: "Song") = Film | Song
type Film @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  title: String @join__field(graph: A, external: true) @join__field(graph: B)
}
type Song @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  title: String @join__field(graph: A, external: true) @join__field(graph: B)
}
    """,
)


def test_a_provided_field_is_not_fetched_elsewhere() -> None:
    assert plan_text(SUPERGRAPH, "{ latest { author { name } } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              latest {
                author {
                  name
                }
              }
            }
          },
        }
        """
    )


def test_what_is_not_provided_still_is() -> None:
    assert plan_text(SUPERGRAPH, "{ latest { author { name mail } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                latest {
                  author {
                    name
                    id
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "latest.author") {
                { __typename: User id }
              }
              =>
              {
                ... on User {
                  mail
                }
              }
            },
          },
        }
        """
    )


def test_without_provides_the_owner_is_asked() -> None:
    assert plan_text(SUPERGRAPH, "{ reviews { author { name } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                reviews {
                  author {
                    id
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "reviews.@.author") {
                { __typename: User id }
              }
              =>
              {
                ... on User {
                  name
                }
              }
            },
          },
        }
        """
    )


def test_a_union_member_may_be_provided_and_another_not() -> None:
    assert plan_text(SUPERGRAPH, "{ media { ... on Film { title } ... on Song { title } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                media {
                  __typename
                  ... on Film {
                    title
                  }
                  ... on Song {
                    id
                  }
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "media.@") {
                ... on Song { __typename: Song id }
              }
              =>
              {
                ... on Song {
                  title
                }
              }
            },
          },
        }
        """
    )
