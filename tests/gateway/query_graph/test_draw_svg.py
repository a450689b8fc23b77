"""The query graph as a picture: everything that the DOT text has, laid out so that it can be read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from gateway.query_graph import QueryGraph, draw_svg
from gateway.supergraph import supergraph_from_sdl

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query }
enum join__Graph { A @join__graph(name: "a & co", url: "") B @join__graph(name: "b", url: "") }
type Query @join__type(graph: A) @join__type(graph: B) { pet: Pet @join__field(graph: A) }
interface Pet @join__type(graph: A) { id: ID! friend: Pet }
type Dog implements Pet @join__type(graph: A, key: "id") @join__type(graph: B, key: "id")
  @join__implements(graph: A, interface: "Pet") {
  id: ID!
  friend: Pet @join__field(graph: A)
  weight: Int @join__field(graph: B) @join__field(graph: A, external: true)
  food: String @join__field(graph: A, requires: "weight")
}
"""
SVG = "{http://www.w3.org/2000/svg}"


def drawn(sdl: str = SUPERGRAPH) -> ElementTree.Element:
    return ElementTree.fromstring(draw_svg(QueryGraph(supergraph_from_sdl(sdl))))


def test_every_type_of_every_subgraph_has_a_box_with_its_keys_and_fields() -> None:
    texts = [["".join(text.itertext()) for text in group.iter(f"{SVG}text")] for group in drawn().findall(f"{SVG}g")]
    assert texts == [
        ["Query", "pet → Pet"],
        ["Pet (abstract)", "friend → Pet", "id"],
        ["Dog", "key id", "friend → Pet", "food requires weight", "id"],
        ["Query"],
        ["Dog", "key id", "id weight"],
    ]


def test_every_way_to_go_on_is_an_arrow_that_tells_what_it_is() -> None:
    titles = sorted("".join(title.itertext()) for title in drawn().iter(f"{SVG}title"))
    assert titles == [
        "Dog.friend → Pet",
        "Dog: a & co to b by key id",
        "Dog: b to a & co by key id",
        "Pet ... on Dog",
        "Pet.friend → Pet",
        "Query.pet → Pet",
    ]


def test_boxes_stand_within_their_band_and_not_on_each_other() -> None:
    root = drawn()
    bands = [_rectangle(found) for found in root.findall(f"{SVG}rect")[1:]]
    boxes = [_rectangle(found) for group in root.findall(f"{SVG}g") for found in group.findall(f"{SVG}rect")]
    assert len(bands) == 2
    for number, box in enumerate(boxes):
        assert sum(_contains(band, box) for band in bands) == 1
        assert not any(_overlap(box, other) for other in boxes[:number])


def test_a_long_column_is_continued_beside_itself() -> None:
    fields = " ".join(f"f{number}: T{number}" for number in range(120))
    types = "\n".join(f"type T{number} @join__type(graph: A) {{ a: Int b: Int }}" for number in range(120))
    sdl = f"""schema @link(url: "https://specs.apollo.dev/join/v0.5") {{ query: Query }}
enum join__Graph {{ A @join__graph(name: "a", url: "") }}
type Query @join__type(graph: A) {{ {fields} }}
{types}
"""
    root = drawn(sdl)
    boxes = [_rectangle(found) for group in root.findall(f"{SVG}g") for found in group.findall(f"{SVG}rect")]
    assert len(boxes) == 121
    assert len({x for x, *_ in boxes}) > 3
    assert not any(_overlap(one, other) for number, one in enumerate(boxes) for other in boxes[:number])


def _rectangle(element: ElementTree.Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(re.sub("[^0-9.]", "", element.attrib[name])) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _contains(band: tuple[float, ...], box: tuple[float, ...]) -> bool:
    return band[0] <= box[0] and band[1] <= box[1] and box[2] <= band[2] and box[3] <= band[3]


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
