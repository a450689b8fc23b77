"""Whatever the SDL holds, composition ends with a supergraph or with coded errors, never with an exception."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.composition import ErrorCode, SubgraphDefinition, compose
from gateway.composition.present import print_github, print_json, print_text
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.composition.composing import with_link

SDL = with_link("""
type Query { t(id: ID! = "x", filter: Filter): T u: [U!] @shareable }
type T implements Node @key(fields: "id") @key(fields: "o { x }") {
  id: ID! o: O! f: Int @external g: Int @requires(fields: "f") h(x: Int = 3): E @tag(name: "a")
}
interface Node { id: ID! }
type O @shareable { x: Int y: [String] @deprecated(reason: "old") }
union U = T | O
enum E { A B @inaccessible }
input Filter { only: [E!] = [A] deep: Filter }
scalar Date @specifiedBy(url: "https://example.org")
type M @key(fields: "id") @interfaceObject { id: ID! n: Int @override(from: "b", label: "percent(3)") }
""")
WORDS = [
    *SDL.split(),
    "{",
    "}",
    "(",
    ")",
    "@",
    ":",
    "extend",
    '""',
    '"{',
    "null",
    "[",
    "]",
    "!",
    "&",
    "directive @x on",
    "schema",
]


@given(st.text(max_size=200))
@example("")
@example("type Query { a: Int } \ud800")
@example("{" * 5000)
@example("type Query { a: Int\n")
@example("type Query { a: Int }\u2028type Query { \x0b b: Int }")
@example("type Query { a: " + "[" * 3000 + "Int" + "]" * 3000 + " }")
@settings(max_examples=60, deadline=None)
def test_any_text(text: str) -> None:
    _compose_and_show(text)


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_almost_good_sdl(seed: int, changes: int) -> None:
    random_ = random.Random(seed)
    _compose_and_show(_spoilt(SDL, random_, changes), _spoilt(SDL, random_, 1))


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_name_and_url(name: str, url: str) -> None:
    result = compose([SubgraphDefinition(name, url, "type Query { a: Int }")])
    if result.supergraph_sdl is not None:
        assert [subgraph.url for subgraph in supergraph_from_sdl(result.supergraph_sdl).subgraphs.values()] == [url]


CORPUS = sorted((Path(__file__).parents[4] / "shared" / "composition" / "cases").glob("*.json"))


@pytest.mark.skipif(
    not CORPUS, reason="the recorded cases of composition are not beside the project (../shared/composition)"
)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_cut_and_shuffled_sdl_of_the_recorded_cases(data: st.DataObject) -> None:
    """Each subgraph is cut off somewhere, spoilt in a few words, or stands beside a subgraph of another case."""
    sdls = [
        subgraph["sdl"]
        for file in data.draw(st.lists(st.sampled_from(CORPUS), min_size=1, max_size=2))
        for subgraph in _case(file)
    ]
    random_ = random.Random(data.draw(st.integers(0, 2**32)))
    found = []
    for sdl in sdls[:5]:
        match random_.randrange(4):
            case 0:
                found.append(sdl[: random_.randrange(len(sdl) + 1)])
            case 1:
                found.append(_spoilt(sdl, random_, 3))
            case _:
                found.append(sdl)
    _compose_and_show(*found)


def _case(file: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(file.read_text())["subgraphs"]
    return [subgraph for subgraph in found if len(subgraph["sdl"]) < 20_000]


NAMES = st.sampled_from(
    [
        "Query",
        "Mutation",
        "_Entity",
        "_Any",
        "_Service",
        "__Type",
        "__typename",
        "_entities",
        "_service",
        "join__Graph",
        "join__type",
        "link__Import",
        "federation__FieldSet",
        "core",
        "Int",
        "ID",
        "String",
        "T",
        "schema",
        "type",
        "true",
        "null",
        "on",
        "_",
        "__",
    ]
)


@given(
    st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=5),
    st.sampled_from(["type", "interface", "enum", "scalar"]),
)
@settings(max_examples=80, deadline=None)
def test_reserved_names_anywhere(names: list[tuple[str, str, str]], kind: str) -> None:
    bodies = {
        "type": "{{ {1}: {2} t: T }}",
        "interface": "{{ {1}({2}: {2}): {2} }}",
        "enum": "{{ {1} {2} }}",
        "scalar": "",
    }
    declared = "\n".join(f"{kind} {one[0]} " + bodies[kind].format(*one) for one in names)
    base = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
    _compose_and_show(with_link(f"{base}\n{declared}"), with_link(base.replace("t: T", f"{names[0][1]}: T @shareable")))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_circular_keys_and_requirements(pairs: list[tuple[int, int, bool]]) -> None:
    """Keys that select each other around a circle, and fields that require each other across subgraphs."""
    subgraphs = []
    for subgraph in range(2):
        types = []
        for number in range(5):
            own = [(other, requires) for start, other, requires in pairs if start == number]
            keys = " ".join(f'@key(fields: "t{other} {{ id }}")' for other, _ in own)
            links = " ".join(f"t{other}: T{other} @shareable" for other, _ in dict(own).items())
            required = " ".join(
                f'r{position}_{subgraph}: Int @requires(fields: "r{position}_{1 - subgraph}") r{position}_{1 - subgraph}: Int @external'
                for position, (_, requires) in enumerate(own)
                if requires
            )
            types.append(f'type T{number} @key(fields: "id") {keys} {{ id: ID! {links} {required} }}')
        subgraphs.append(with_link("type Query { t: T0 @shareable }\n" + "\n".join(types)))
    _compose_and_show(*subgraphs)


def test_huge_sdl_ends_with_an_answer() -> None:
    wide = "type Query { " + " ".join(f"f{number}: Int" for number in range(20_000)) + " }"
    long = "type Query { a: Int }" + " " * 500_000 + "# " + "x" * 500_000
    listed = 'type Query @key(fields: "' + "a " * 20_000 + '") { a: Int }'
    deep = 'type Query { q: Query a: Int b: Int @requires(fields: "' + "q { " * 3000 + "a" + " }" * 3000 + '") }'
    for sdl in (wide, long, with_link(listed), with_link(deep)):
        _compose_and_show(sdl)


def _spoilt(sdl: str, random_: random.Random, changes: int) -> str:
    words = sdl.split(" ")
    for _ in range(changes):
        at = random_.randrange(len(words))
        match random_.randrange(3):
            case 0:
                words.pop(at)
            case 1:
                words[at] = random_.choice(WORDS)
            case _:
                words.insert(at, random_.choice(WORDS))
    return " ".join(words)


def _compose_and_show(*sdls: str) -> None:
    result = compose([SubgraphDefinition(f"s{index}", "http://s", sdl) for index, sdl in enumerate(sdls)])
    assert result.is_successful == (not result.errors)
    assert all(error.code in ErrorCode for error in result.errors)
    for shown in (
        print_text(result, {}),
        print_text(result, {}, colors=True),
        print_json(result),
        print_github(result, {}),
    ):
        assert isinstance(shown, str)
