"""The query graph: what each subgraph resolves itself, and how one enters another."""

from __future__ import annotations

from gateway.language import parse_field_set
from gateway.query_graph import Node, QueryGraph, Reachability, print_dot
from gateway.supergraph import supergraph_from_sdl

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query }
enum join__Graph {
  A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") C @join__graph(name: "c", url: "")
}
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
  latest: Review @join__field(graph: A, provides: "author { name }")
  pets: [Pet] @join__field(graph: A)
}
type Review @join__type(graph: A) { author: User }
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: B, key: "mail")
  @join__type(graph: C, key: "mail") @join__type(graph: A, key: "secret", resolvable: false) {
  id: ID! @join__field(graph: A) @join__field(graph: B)
  mail: String @join__field(graph: B) @join__field(graph: C)
  name: String @join__field(graph: A, external: true) @join__field(graph: B)
  greeting: String @join__field(graph: C, requires: "name")
  echo: String @join__field(graph: A, requires: "greeting")
  moving: Int @join__field(graph: A, overrideLabel: "new") @join__field(graph: B, override: "a", overrideLabel: "new")
  secret: ID @join__field(graph: A)
}
interface Pet @join__type(graph: A) @join__type(graph: C, key: "id", isInterfaceObject: true) {
  id: ID!
  name: String @join__field(graph: A)
  age: Int @join__field(graph: C)
}
type Cat implements Pet @join__implements(graph: A, interface: "Pet") @join__type(graph: A, key: "id") {
  id: ID!
  name: String
  age: Int @join__field
}
type Dog implements Pet @join__implements(graph: A, interface: "Pet") @join__type(graph: A, key: "id")
  @join__type(graph: B, key: "id") {
  id: ID!
  name: String @join__field(graph: A, external: true) @join__field(graph: B)
  age: Int @join__field
}
"""


def graph_with(*labels: str) -> QueryGraph:
    return QueryGraph(supergraph_from_sdl(SUPERGRAPH), frozenset(labels))


def node(graph: QueryGraph, type_name: str, subgraph: str) -> Node:
    found = graph.node(type_name, subgraph)
    assert found is not None
    return found


def test_nodes_are_interned() -> None:
    graph = graph_with()
    assert graph.node("User", "A") is graph.node("User", "A")
    assert graph.node("Review", "B") is None
    assert [str(one) for one in graph.nodes_of("User")] == ["User@A", "User@B", "User@C"]


def test_external_fields_have_an_edge_only_where_they_are_provided() -> None:
    graph = graph_with()
    assert graph.field_edge(node(graph, "User", "A"), "name") is None
    latest = graph.field_edge(node(graph, "Query", "A"), "latest")
    assert latest is not None
    assert latest.head is not None
    author = graph.field_edge(latest.head, "author")
    assert author is not None
    assert author.head is not None
    assert author.head.provided
    assert graph.field_edge(author.head, "name") is not None


def test_an_interface_field_has_an_edge_when_all_types_resolve_it() -> None:
    graph = graph_with()
    pet = node(graph, "Pet", "A")
    assert graph.field_edge(pet, "id") is not None
    assert graph.field_edge(pet, "name") is None
    assert [str(edge.head) for edge in graph.type_condition_edges(pet)] == ["Cat@A", "Dog@A"]


def test_entity_edges_lead_wherever_a_key_can_be_resolved() -> None:
    graph = graph_with()
    assert [(str(edge.head), edge.key.text) for edge in graph.entity_edges("User")] == [
        ("User@A", "id"),
        ("User@B", "id"),
        ("User@B", "mail"),
        ("User@C", "mail"),
    ]


def test_implementations_enter_an_interface_object_under_the_interfaces_name() -> None:
    graph = graph_with()
    assert [(str(edge.head), edge.typename) for edge in graph.entity_edges("Cat")] == [
        ("Cat@A", "Cat"),
        ("Pet@C", "Pet"),
    ]


def test_an_override_label_moves_the_edge() -> None:
    before, after = graph_with(), graph_with("new")
    assert [before.field_edge(one, "moving") is not None for one in before.nodes_of("User")] == [True, False, False]
    assert [after.field_edge(one, "moving") is not None for one in after.nodes_of("User")] == [False, True, False]


def test_reachability_follows_chains_of_keys() -> None:
    graph = graph_with()
    reachability = Reachability(graph)
    start = [node(graph, "User", "A")]
    assert {str(one) for one in reachability.closure("User", start)} == {"User@A", "User@B", "User@C"}
    assert reachability.can_resolve("User", start, parse_field_set("mail name"))
    assert not reachability.can_resolve("User", [node(graph, "User", "C")], parse_field_set("unheard"))


def test_reachability_includes_what_fields_require() -> None:
    graph = graph_with()
    assert Reachability(graph).can_resolve("User", [node(graph, "User", "A")], parse_field_set("echo"))


def test_the_graph_is_printed_with_all_nodes() -> None:
    text = print_dot(graph_with())
    assert text.startswith("digraph query_graph {")
    assert 'label="Pet" shape=hexagon' in text
    assert "provides name" in text
