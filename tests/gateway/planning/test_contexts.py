"""Arguments that are filled from an object further up (@context, @fromContext)."""

from __future__ import annotations

from tests.gateway.planning.plan_text import expected, plan_text, supergraph_sdl

SUPERGRAPH = supergraph_sdl(
    "A B",
    """
type Query @join__type(graph: A) @join__type(graph: B) { room: Room @join__field(graph: A) rooms: [Room!]!
  @join__field(graph: A) }
type Room @join__type(graph: A, key: "id") @context(name: "a__locale") {
  id: ID!
  language: String
  messages: [Message!]!
  pinned: Message
}
type Message @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  text: String
    @join__field(graph: A, contextArguments: [{context: "a__locale", name: "language", type: "String", selection: "{ language }"}])
  sender: String @join__field(graph: B)
}
    """,
)


def test_the_value_is_fetched_first_and_the_field_in_a_fetch_of_its_own() -> None:
    assert plan_text(SUPERGRAPH, "{ room { pinned { text } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                room {
                  pinned {
                    id
                  }
                  language
                }
              }
            },
            Fetch(service: "a", id: 1, after: 0) {
              Flatten(path: "room.pinned") {
                { __typename: Message id }
              }
              $context_1_language = 1 up: language
              =>
              {
                ... on Message {
                  text(language: $context_1_language)
                }
              }
            },
          },
        }
        """
    )


def test_inside_lists_each_object_has_the_value_of_its_own_ancestor() -> None:
    assert plan_text(SUPERGRAPH, "{ rooms { messages { text sender } } }") == expected(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                rooms {
                  messages {
                    id
                  }
                  language
                }
              }
            },
            Parallel {
              Fetch(service: "a", id: 1, after: 0) {
                Flatten(path: "rooms.@.messages.@") {
                  { __typename: Message id }
                }
                $context_1_language = 2 up: language
                =>
                {
                  ... on Message {
                    text(language: $context_1_language)
                  }
                }
              },
              Fetch(service: "b", id: 2, after: 0) {
                Flatten(path: "rooms.@.messages.@") {
                  { __typename: Message id }
                }
                =>
                {
                  ... on Message {
                    sender
                  }
                }
              },
            },
          },
        }
        """
    )
