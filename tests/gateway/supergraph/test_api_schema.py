"""The API schema: what clients see of a supergraph."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import build_schema, lexicographic_sort_schema, parse, print_schema

from gateway.supergraph import api_schema_from_supergraph, print_api_schema

RECORDED = Path(__file__).parents[4] / "shared" / "composition" / "cases"


def test_machinery_and_inaccessible_elements_are_left_out() -> None:
    sdl = """
        schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5")
          @link(url: "https://specs.apollo.dev/inaccessible/v0.2", import: [{name: "@inaccessible", as: "@hidden"}])
          @link(url: "https://specs.apollo.dev/tag/v0.3") { query: Query mutation: Mutation }
        directive @join__type(graph: join__Graph!) repeatable on OBJECT
        directive @hidden on OBJECT | FIELD_DEFINITION
        directive @tag(name: String!) repeatable on OBJECT
        directive @live on QUERY
        enum join__Graph { A @join__graph(name: "a", url: "") }
        scalar link__Import
        type Query @join__type(graph: A) @tag(name: "x") {
          kept(old: Int @deprecated(reason: "new"), gone: Int @hidden): Kind
          gone: Int @hidden
          secret: Secret @hidden
        }
        type Mutation @hidden { change: Int }
        type Secret @hidden { value: Int }
        interface Shy @hidden { a: Int }
        type Thing implements Shy { a: Int }
        union Either = Thing | Secret
        enum Kind { GOOD BAD @hidden }
        input Filter { by: String, not: String @hidden }
    """
    assert print_api_schema(parse(sdl)) == (
        "directive @live on QUERY\n\n"
        'type Query {\n  kept(old: Int @deprecated(reason: "new")): Kind\n}\n\n'
        "type Thing {\n  a: Int\n}\n\n"
        "union Either = Thing\n\n"
        "enum Kind {\n  GOOD\n}\n\n"
        "input Filter {\n  by: String\n}"
    )


def test_defer_is_known_only_on_request() -> None:
    document = parse('schema @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query } type Query { a: Int }')
    assert api_schema_from_supergraph(document).get_directive("defer") is None
    assert api_schema_from_supergraph(document, include_defer=True).get_directive("defer") is not None


@pytest.mark.audit
@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded compositions are not beside the repository")
@pytest.mark.parametrize("area", ["inaccessible", "tag", "composeDirective", "cost", "interfaceObject"])
def test_it_equals_what_the_reference_derives(area: str) -> None:
    compared = 0
    for path in sorted(RECORDED.glob(f"apollo-{area}-*.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))["expected"]
        if expected.get("supergraphSdl"):
            assert _sorted(print_api_schema(parse(expected["supergraphSdl"]))) == _sorted(expected["apiSchemaSdl"]), (
                path.name
            )
            compared += 1
    assert compared > 3


def _sorted(sdl: str) -> str:
    return print_schema(lexicographic_sort_schema(build_schema(sdl, assume_valid=True, assume_valid_sdl=True)))
