"""Whatever the SDL holds, composition ends with a supergraph or with coded errors, never with an exception."""

from __future__ import annotations

import random

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
