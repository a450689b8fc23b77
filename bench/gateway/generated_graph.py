"""A large supergraph made by rule, for measuring planning: many subgraphs that share entities, and operations across them."""

from __future__ import annotations

from gateway.composition import SubgraphDefinition, compose

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@requires", "@external"])'


def generated_supergraph(count: int) -> str:
    """The supergraph of `count` subgraphs.

    Subgraph n owns entity En with a few fields, adds a field to each of the next three entities, requires one of them, and
    leads on to entity En+1. A third of the entities have a second key that only two subgraphs know.
    """
    definitions = [SubgraphDefinition(f"s{n}", f"http://127.0.0.1:1/s{n}", _sdl(n, count)) for n in range(count)]
    result = compose(definitions)
    if result.supergraph_sdl is None:
        raise AssertionError([error.message for error in result.errors][:3])
    return result.supergraph_sdl


def generated_operations(count: int) -> list[str]:
    """Operations of growing reach over that supergraph."""
    return [
        "{ e0 { id a0 } }",
        "{ e0 { id a0 x1of0 x2of0 x3of0 } }",
        "{ e0 { next0 { next1 { a2 x1of2 x2of2 } } } }",
        f"{{ {' '.join(f'e{n} {{ id a{n} x1of{n} need{n} }}' for n in range(0, count, 5))} }}",
        "{ e0 { " + "".join(f"x1of{n} next{n} {{ " for n in range(12)) + "id" + " }" * 12 + " } }",
    ]


def _sdl(n: int, count: int) -> str:
    second_key = ' @key(fields: "code")' if n % 3 == 0 else ""
    code = " code: ID!" if n % 3 == 0 else ""
    after = (n + 1) % count
    parts = [
        LINK,
        f"type Query {{ e{n}: E{n} all{n}: [E{n}] }}",
        f'type E{n} @key(fields: "id"){second_key} {{ id: ID!{code} a{n}: Int b{n}: String next{n}: E{after} }}',
    ]
    for distance in (1, 2, 3):
        other = (n - distance) % count
        needs = f' a{other}: Int @external need{other}: Int @requires(fields: "a{other}")' if distance == 1 else ""
        parts.append(f'type E{other} @key(fields: "id") {{ id: ID! x{distance}of{other}: Int{needs} }}')
    # The next entity is only referred to.
    parts.append(f'type E{after} @key(fields: "id", resolvable: false) {{ id: ID! }}')
    return "\n".join(parts)
