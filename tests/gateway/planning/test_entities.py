"""Objects that several subgraphs know by key: one fetch each, in the order their keys allow."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B C",
    """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  book: Book @join__field(graph: A)
  books: [Book!]! @join__field(graph: A)
  shelves: [[Book]] @join__field(graph: A)
}
type Book @join__type(graph: A, key: "isbn") @join__type(graph: B, key: "isbn") @join__type(graph: B, key: "id")
  @join__type(graph: C, key: "id") {
  isbn: String! @join__field(graph: A) @join__field(graph: B)
  id: ID! @join__field(graph: B) @join__field(graph: C)
  title: String @join__field(graph: A)
  pages: Int @join__field(graph: B)
  stock(at: String): Int @join__field(graph: C)
  author: Author @join__field(graph: B)
}
type Author @join__type(graph: B, key: "name") @join__type(graph: C, key: "name") @join__type(graph: A, key: "name") {
  name: String!
  born: Int @join__field(graph: A)
  best: Book @join__field(graph: C)
}
    """,
)


def test_a_field_of_the_same_subgraph_needs_no_further_fetch() -> None:
    assert plan_text(SUPERGRAPH, "{ book { title isbn } }") == expected(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              book {
                title
                isbn
              }
            }
          },
        }
        """
    )


def test_a_field_of_another_subgraph_is_fetched_by_key() -> None:
    assert plan_text(SUPERGRAPH, "{ book { title pages } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                book {
                  title
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "book") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  pages
                }
              }
            },
          },
        }
        """
    )


def test_keys_form_a_chain_when_subgraphs_share_none() -> None:
    assert plan_text(SUPERGRAPH, '{ book { stock(at: "here") } }') == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                book {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "book") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  id
                }
              }
            },
            Fetch(service: "c", id: 2, after: 1) {
              Flatten(path: "book") {
                { __typename: Book id }
              }
              =>
              {
                ... on Book {
                  stock(at: "here")
                }
              }
            },
          },
        }
        """
    )


def test_fields_of_one_subgraph_are_fetched_together() -> None:
    assert plan_text(SUPERGRAPH, "{ books { pages author { name } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                books {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "books.@") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  author {
                    name
                  }
                  pages
                }
              }
            },
          },
        }
        """
    )


def test_an_entity_below_an_entity_leads_back_to_the_first_subgraph() -> None:
    assert plan_text(SUPERGRAPH, "{ books { author { born } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                books {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "books.@") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  author {
                    name
                  }
                }
              }
            },
            Fetch(service: "a", id: 2, after: 1) {
              Flatten(path: "books.@.author") {
                { __typename: Author name }
              }
              =>
              {
                ... on Author {
                  born
                }
              }
            },
          },
        }
        """
    )


def test_lists_of_lists_are_walked_level_by_level() -> None:
    assert plan_text(SUPERGRAPH, "{ shelves { pages } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                shelves {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "shelves.@.@") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  pages
                }
              }
            },
          },
        }
        """
    )


def test_equal_fetches_for_two_places_share_one_entities_field() -> None:
    assert plan_text(SUPERGRAPH, "{ book { pages } books { pages } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                book {
                  isbn
                }
                books {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "book") {
                { __typename: Book isbn }
              }
              Flatten(path: "books.@") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  pages
                }
              }
            },
          },
        }
        """
    )


def test_different_fetches_for_two_places_are_sent_together_under_aliases() -> None:
    assert plan_text(SUPERGRAPH, "{ book { pages } books { author { name } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                book {
                  isbn
                }
                books {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              _e0:
              Flatten(path: "book") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  pages
                }
              }
              _e1:
              Flatten(path: "books.@") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  author {
                    name
                  }
                }
              }
            },
          },
        }
        """
    )


def test_variables_travel_with_the_fetch_that_uses_them() -> None:
    assert plan_text(SUPERGRAPH, 'query Stock($at: String = "x") { book { stock(at: $at) } }') == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                book {
                  isbn
                }
              }
            },
            Fetch(service: "b", id: 1, after: 0) {
              Flatten(path: "book") {
                { __typename: Book isbn }
              }
              =>
              {
                ... on Book {
                  id
                }
              }
            },
            Fetch(service: "c", id: 2, after: 1, variables: $at) {
              Flatten(path: "book") {
                { __typename: Book id }
              }
              =>
              {
                ... on Book {
                  stock(at: $at)
                }
              }
            },
          },
        }
        """
    )
