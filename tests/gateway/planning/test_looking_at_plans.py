"""Plans as JSON, DOT and SVG, and all stages on the way to a plan."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

from graphql import parse

from gateway.planning import (
    Planner,
    PlanStages,
    explain_stages,
    plan_to_dot,
    plan_to_json,
    plan_to_svg,
    print_stages,
    stages_to_dot,
    stages_to_json,
    stages_to_svg,
)
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.planning.plan_text import expected
from tests.gateway.planning.test_entities import SUPERGRAPH

SUPERGRAPH_VALUE = supergraph_from_sdl(SUPERGRAPH)
OPERATION = 'query Shown($x: Boolean!) { book { name: title stock(at: "<here>") @include(if: $x) } }'


def stages() -> PlanStages:
    return Planner(SUPERGRAPH_VALUE).stages(parse(OPERATION))


def test_json_has_the_fetches_and_the_projection() -> None:
    shown = json.loads(json.dumps(plan_to_json(stages().plan)))
    assert [(one["serviceName"], one["dependsOn"], one["conditions"]) for one in shown["fetches"]] == [
        ("a", [], None),
        ("b", [0], "$x"),
        ("c", [1], "$x"),
    ]
    assert shown["fetches"][2]["entities"][0]["targets"] == [
        {"path": "book", "conditions": "$x", "representations": ["{ __typename: Book id }"]}
    ]
    [book] = shown["projection"]
    assert [(one["responseKey"], one["treeKey"], one["type"]) for one in book["selections"]] == [
        ("name", "name", "String"),
        ("stock", "stock", "Int"),
    ]


def test_dot_has_a_node_per_fetch_and_an_edge_per_dependency() -> None:
    text = plan_to_dot(stages().plan)
    assert text.startswith("digraph plan {")
    assert "  f0 -> f1;" in text
    assert "  f1 -> f2;" in text


def test_svg_is_well_formed_and_has_a_box_per_fetch() -> None:
    root = ElementTree.fromstring(plan_to_svg(stages().plan))
    name = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{name}g/{name}rect")) == 3
    assert len(root.findall(f"{name}path")) == 2
    titles = [one.text or "" for one in root.iter(f"{name}title")]
    assert any('stock(at:"<here>")' in title for title in titles)


def test_a_plan_without_fetches_is_an_empty_picture() -> None:
    plan = Planner(SUPERGRAPH_VALUE).plan(parse("{ __typename }"))
    assert ElementTree.fromstring(plan_to_svg(plan)) is not None
    assert plan_to_json(plan)["fetches"] == []


def test_every_stage_is_printed() -> None:
    texts = print_stages(explain_stages(SUPERGRAPH_VALUE, stages()))
    assert list(texts) == [
        "normalized operation",
        "best paths",
        "query tree",
        "fetch graph",
        "query plan",
        "estimated cost",
    ]
    assert texts["normalized operation"] == expected("""
        query Shown {
          book {
            name: title
            stock @if($x)
          }
        }
    """)
    assert texts["query tree"] == expected("""
        book.name (Book): [a] / book / title
        book.stock (Book): [c by Book { id }] / stock
    """)
    assert texts["fetch graph"] == expected("""
        0 a: {book{name:title isbn@include(if:$x)}}
        1 c after 2 if $x book: {...on Book{stock(at:"<here>")}}
        2 b after 0 if $x book: {...on Book{id}}
    """)


def test_every_stage_is_there_as_json() -> None:
    shown = json.loads(json.dumps(stages_to_json(explain_stages(SUPERGRAPH_VALUE, stages()))))
    assert list(shown) == ["normalizedOperation", "bestPaths", "queryTree", "fetchGraph"]
    assert shown["queryTree"] == [
        {"leaf": "book.name (Book)", "way": {"way": "[a] / book / title", "serviceName": "a"}},
        {"leaf": "book.stock (Book)", "way": {"way": "[c by Book { id }] / stock", "serviceName": "c"}},
    ]
    assert {"way": "[a] / book / title", "serviceName": "a"} in shown["bestPaths"][0]["options"]
    assert shown["fetchGraph"][1] == {
        "id": 1,
        "serviceName": "c",
        "dependsOn": [2],
        "conditions": "$x",
        "paths": ["book"],
        "selection": '{...on Book{stock(at:"<here>")}}',
    }


def test_every_stage_is_drawn() -> None:
    explained = explain_stages(SUPERGRAPH_VALUE, stages())
    root = ElementTree.fromstring(stages_to_svg(explained))
    name = "{http://www.w3.org/2000/svg}"
    headings = [one.text for one in root.iter(f"{name}text") if one.get("font-size") == "14"]
    assert headings == list(print_stages(explained))
    # Three fetches in the making, and three in the plan; the way to a leaf has the colour of the fetch that goes it.
    rectangles = root.findall(f"{name}g/{name}rect")
    assert len(rectangles) == 6
    [way] = [one for one in root.iter(f"{name}text") if one.text == "book.stock (Book): [c by Book { id }] / stock"]
    assert [one.get("fill") for one in root.iter(f"{name}text") if one.text in ("1  c", "2  c")] == [
        way.get("fill")
    ] * 2
    heights = [float(one.get("y", "0")) + float(one.get("height", "0")) for one in rectangles]
    assert max(heights) < float(root.get("height", "0"))


def test_every_stage_is_a_cluster_in_dot() -> None:
    text = stages_to_dot(explain_stages(SUPERGRAPH_VALUE, stages()))
    assert text.count("subgraph cluster_") == 6
    assert "  g2 -> g1;" in text
    assert "  f0 -> f1;" in text
