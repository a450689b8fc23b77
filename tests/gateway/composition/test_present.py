"""How errors and hints are shown."""

from __future__ import annotations

import json

from gateway.composition.present import print_github, print_json, print_text
from tests.gateway.composition.composing import composed

SDL = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
type Query { t: T }
type T @key(fields: "nope") { id: ID! }
"""
FILES = {"a": "schemas/a.graphql"}


def test_text_shows_the_place_and_what_to_do() -> None:
    text = print_text(composed(SDL), FILES)
    assert text.startswith("error KEY_INVALID_FIELDS: [a] ")
    assert "--> schemas/a.graphql:3:8" in text
    assert '3 | type T @key(fields: "nope") { id: ID! }\n  |        ^^^^^^^^^^^^^^^^^^^^' in text
    assert "= Correct the field set" in text
    assert "\033" not in text


def test_colors_on_request() -> None:
    assert "\033[31m" in print_text(composed(SDL), FILES, colors=True)


def test_syntax_errors_have_a_place() -> None:
    text = print_text(composed("type Query {\n  a: \n}"), FILES)
    assert "--> schemas/a.graphql:" in text
    assert "^" in text


def test_json_counts_from_one() -> None:
    found = json.loads(print_json(composed(SDL), FILES))
    assert found["supergraphSdl"] is None
    (error,) = found["errors"]
    assert (error["code"], error["subgraphs"]) == ("KEY_INVALID_FIELDS", ["a"])
    assert {key: error["locations"][0][key] for key in ("file", "line", "column")} == {
        "file": "schemas/a.graphql",
        "line": 3,
        "column": 8,
    }


def test_github_annotations_are_one_line_each() -> None:
    lines = print_github(composed(SDL), FILES).split("\n")
    assert len(lines) == 1
    assert lines[0].startswith("::error title=KEY_INVALID_FIELDS,file=schemas/a.graphql,line=3,col=8,endLine=3::[a] ")
    assert "%0A" in lines[0]


def test_every_subgraph_of_a_conflict_is_shown() -> None:
    text = print_text(composed("type Query { a: Int @shareable }", "type Query { a: String @shareable }"), {})
    assert "--> a:2:14" in text
    assert "--> b:2:14" in text


def test_carets_stand_below_what_is_meant_after_tabs_and_at_the_end_of_a_cut_off_file() -> None:
    assert "3 | \tb: Nope\n  | \t   ^^^^\n" in print_text(composed("# fed1\ntype Query { a: Int\n\tb: Nope\n}"), FILES)
    text = print_text(composed("# fed1\ntype Query { a: Int\n"), FILES)
    assert "--> schemas/a.graphql:3:1\n  |\n3 | \n  | ^\n" in text
