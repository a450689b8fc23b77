"""Reading supergraphs: every join version, and what is wrong with a document that is none."""

from __future__ import annotations

import pytest

from gateway.errors import SupergraphError
from gateway.language import FieldSetField
from gateway.supergraph import TypeKind, supergraph_from_sdl

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY) { query: Query }
enum join__Graph {
  A @join__graph(name: "accounts", url: "http://accounts/")
  B @join__graph(name: "books", url: "http://books/")
}
type Query @join__type(graph: A) @join__type(graph: B) {
  me: User @join__field(graph: A, provides: "name")
  any: Media @join__field(graph: B)
}
type User implements Named @join__implements(graph: A, interface: "Named") @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id", resolvable: false) @context(name: "a__user") {
  id: ID!
  name: String @join__field(graph: A, type: "String!") @join__field(graph: B, external: true)
  books: [Book!] @join__field(graph: B, requires: "name", override: "a", overrideLabel: "percent(5)")
  spare: String @join__field
}
type Book @join__type(graph: B) {
  title(as: Style = PLAIN): String
    @join__field(graph: B, contextArguments: [{context: "a__user", name: "for", type: "String", selection: " { name }"}])
}
enum Style @join__type(graph: B) { PLAIN @join__enumValue(graph: B) LOUD @join__enumValue(graph: B) }
interface Named @join__type(graph: A) @join__type(graph: B, key: "id", isInterfaceObject: true) { name: String id: ID! }
union Media @join__type(graph: A) @join__type(graph: B) @join__unionMember(graph: B, member: "Book")
  @join__unionMember(graph: A, member: "User") = Book | User
"""


def test_subgraphs_types_and_fields_are_read() -> None:
    supergraph = supergraph_from_sdl(SUPERGRAPH)
    assert [(one.graph, one.name, one.url) for one in supergraph.subgraphs.values()] == [
        ("A", "accounts", "http://accounts/"),
        ("B", "books", "http://books/"),
    ]
    assert "join__Graph" not in supergraph.types
    user = supergraph.types["User"]
    assert user.kind is TypeKind.OBJECT
    assert user.contexts == {"a__user"}
    assert user.interfaces == {"Named"}
    assert [(key.text, key.resolvable) for key in user.by_graph["B"].keys] == [("id", False)]
    assert user.interfaces_by_graph == {"A": {"Named"}, "B": frozenset()}
    books = user.fields["books"].by_graph["B"]
    assert (books.override, books.override_label, books.requires) == ("a", "percent(5)", (FieldSetField("name"),))
    name = user.fields["name"]
    assert (name.by_graph["A"].type_text, name.by_graph["B"].is_external, name.type_text) == ("String!", True, "String")


def test_a_field_without_join_directives_is_in_every_subgraph_of_its_type() -> None:
    assert set(supergraph_from_sdl(SUPERGRAPH).types["User"].fields["id"].by_graph) == {"A", "B"}


def test_a_field_that_comes_from_an_interface_object_is_in_no_subgraph() -> None:
    assert supergraph_from_sdl(SUPERGRAPH).types["User"].fields["spare"].by_graph == {}


def test_abstract_types_know_their_members_by_subgraph() -> None:
    supergraph = supergraph_from_sdl(SUPERGRAPH)
    assert supergraph.types["Media"].members_by_graph == {"A": {"User"}, "B": {"Book"}}
    assert supergraph.types["Named"].by_graph["B"].is_interface_object
    assert supergraph.possible_types["Named"] == {"User"}
    assert supergraph.possible_types["Media"] == {"User", "Book"}


def test_context_arguments_are_read() -> None:
    title = supergraph_from_sdl(SUPERGRAPH).types["Book"].fields["title"]
    [argument] = title.by_graph["B"].context_arguments
    assert (argument.context, argument.name, argument.type_text) == ("a__user", "for", "String")
    assert argument.selection == (FieldSetField("name"),)
    assert title.argument_types == {"as": "Style"}


def test_owner_style_supergraphs_of_federation_1_are_read() -> None:
    supergraph = supergraph_from_sdl("""
        schema @core(feature: "https://specs.apollo.dev/core/v0.2")
          @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION) { query: Query }
        enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
        type Query { me: User @join__field(graph: A) }
        type User @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
          id: ID! @join__field(graph: A)
          name: String
          reviews: [Review] @join__field(graph: B, requires: "name")
        }
        type Review { text: String }
    """)
    fields = supergraph.types["User"].fields
    assert set(fields["name"].by_graph) == {"A"}
    assert set(fields["id"].by_graph) == {"A", "B"}
    assert set(fields["reviews"].by_graph) == {"B"}
    assert set(supergraph.types["Review"].fields["text"].by_graph) == {"A", "B"}


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        ("type Query {", "does not parse"),
        ("type Query { a: Int }", "enum join__Graph"),
        ("enum join__Graph { A } type Query { a: Int }", "lacks @join__graph"),
        ('enum join__Graph { A @join__graph(name: "a") } type Nothing { a: Int }', "no query type"),
        (
            'enum join__Graph { A @join__graph(name: "a") } type Query @join__type(graph: A, key: "{{") { a: Int }',
            "broken field set",
        ),
    ],
)
def test_what_is_no_supergraph_is_refused_with_the_reason(sdl: str, message: str) -> None:
    with pytest.raises(SupergraphError, match=message):
        supergraph_from_sdl(sdl)
