"""Dead ends are told by the shortest query that meets them, with what each subgraph lacks."""

from __future__ import annotations

from tests.gateway.composition.composing import composed, error_codes


def test_the_shortest_query_and_every_subgraphs_reason() -> None:
    result = composed(
        'type Query { t: T other: Other } type Other { t: T } type T @key(fields: "id") { id: ID! }',
        'type T @key(fields: "code") { code: String! x: Int }',
    )
    message = next(error.message for error in result.errors if "x" in error.message)
    assert "{\n  t {\n    x\n  }\n}" in message
    assert 'cannot find field "T.x"' in message
    assert 'cannot move to subgraph "b"' in message


def test_a_detour_over_a_third_subgraph_helps() -> None:
    assert not error_codes(
        'type Query { t: T } type T @key(fields: "id", resolvable: false) { id: ID! }',
        'type T @key(fields: "id") @key(fields: "code") { id: ID! code: String! }',
        'type T @key(fields: "code") { code: String! x: Int }',
    )


def test_requires_must_be_reachable() -> None:
    assert error_codes(
        'type Query { t: T } type T @key(fields: "id") { id: ID! y: Int @external z: Int @requires(fields: "y") }',
        'type T @key(fields: "code") { code: String! y: Int }',
    ) == {"SATISFIABILITY_ERROR"}


def test_provided_fields_need_no_detour() -> None:
    assert not error_codes(
        'type Query { t: T @provides(fields: "x") } type T { id: ID! @shareable x: Int @external @shareable }',
        "type Query { u: T } type T { id: ID! @shareable x: Int @shareable }",
    )


def test_each_implementation_needs_its_own_way() -> None:
    result = composed(
        'type Query { i: I } interface I { id: ID! x: Int } type A implements I @key(fields: "id") { id: ID! x: Int }'
        ' type B implements I @key(fields: "id") { id: ID! x: Int @external }',
        'type B @key(fields: "no") { no: ID! x: Int }',
    )
    assert {error.code.value for error in result.errors} == {"SATISFIABILITY_ERROR"}
    assert "... on B" in result.errors[0].message


def test_recursion_ends() -> None:
    assert not error_codes(
        'type Query { t: T } type T @key(fields: "id") { id: ID! t: T ts: [T!] }',
        'type U @key(fields: "id") { id: ID! t: T } type T @key(fields: "id") { id: ID! us: [U] }',
        'type U @key(fields: "id") { id: ID! deep: U }',
    )
