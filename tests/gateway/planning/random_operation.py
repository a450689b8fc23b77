"""Make up a valid operation over an API schema: aliases, fragments, conditions, arguments, deferred fragments."""

from __future__ import annotations

import random
from typing import Any, cast

from graphql import (
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_interface_type,
    is_object_type,
    parse,
    validate,
)

MAX_DEPTH = 5
CONDITIONS = ("b0", "b1")


def random_operation(
    rng: random.Random, schema: GraphQLSchema, *, with_defer: bool = False
) -> tuple[str, dict[str, Any]]:
    """The text of an operation, and its variables. Aliases that clash are found by validation and left out.

    Labels of deferred fragments tell what is inside what: `1/2` is inside `1`.
    """
    kind, root_type = ("mutation", "Mutation") if rng.random() < 0.2 else ("query", "Query")
    for with_aliases in (True, True, True, False, False, False):
        body = _Maker(rng, schema, with_aliases, with_defer).selection_set(root_type, 0)
        text = f"{kind} Random($b0: Boolean!, $b1: Boolean!) {body}"
        if not validate(schema, parse(text), max_errors=1):
            break
    else:
        text = "query Random($b0: Boolean!, $b1: Boolean!) { __typename @include(if: $b0) @skip(if: $b1) }"
    return text, {"b0": rng.random() < 0.5, "b1": rng.random() < 0.5}


class _Maker:
    def __init__(self, rng: random.Random, schema: GraphQLSchema, with_aliases: bool, with_defer: bool) -> None:
        self._rng = rng
        self._schema = schema
        self._with_aliases = with_aliases
        self._with_defer = with_defer
        self._labels: list[str] = []
        self._next_label = 0

    def selection_set(self, type_name: str, depth: int) -> str:
        parts = [self._selection(type_name, depth) for _ in range(self._rng.randint(1, 4 if depth < 3 else 2))]
        # Uses every variable once, so that no operation is refused for an unused one.
        if depth == 0:
            parts.append("__typename @include(if: $b0) @skip(if: $b1)")
            parts.append("... @include(if: $b0) { again: __typename }")
        return "{ " + " ".join(parts) + " }"

    def _selection(self, type_name: str, depth: int) -> str:
        type_: Any = self._schema.type_map[type_name]
        roll = self._rng.random()
        if roll < 0.1:
            return "__typename"
        if not is_object_type(type_) and (roll < 0.6 or not is_interface_type(type_)):
            possible = sorted(one.name for one in self._schema.get_possible_types(type_))
            overlapping = sorted(
                one.name
                for one in self._schema.type_map.values()
                if is_interface_type(one) and {p.name for p in self._schema.get_possible_types(one)} & set(possible)
            )
            name = self._rng.choice([*possible, *possible, *overlapping])
            return self._fragment(f"... on {name}", name, depth)
        if roll < (0.4 if self._with_defer else 0.15):
            return self._fragment("...", type_name, depth)
        return self._field(type_name, depth)

    def _fragment(self, head: str, type_name: str, depth: int) -> str:
        head += self._condition()
        if not self._with_defer or depth == 0 or self._rng.random() < 0.3:
            return f"{head} {self.selection_set(type_name, depth + 1)}"
        self._next_label += 1
        self._labels.append(str(self._next_label))
        only_if = self._rng.choice(["", "", f", if: ${self._rng.choice(CONDITIONS)}"])
        text = f'{head} @defer(label: "{"/".join(self._labels)}"{only_if}) {self.selection_set(type_name, depth + 1)}'
        self._labels.pop()
        return text

    def _field(self, type_name: str, depth: int) -> str:
        fields: Any = cast(Any, self._schema.type_map[type_name]).fields
        names: list[str] = list(fields)
        if depth >= MAX_DEPTH:
            names = [name for name in names if not is_composite_type(get_named_type(fields[name].type))] or [
                "__typename"
            ]
        name = self._rng.choice(names)
        if name == "__typename":
            return name
        text = name
        if self._with_aliases and self._rng.random() < 0.25:
            # Names of other fields make the best aliases: `id: f0`.
            text = f"{self._rng.choice([*names, 'x', 'y'])}: {name}"
        if fields[name].args and self._with_aliases:
            text += self._rng.choice(["", "(n: 1)", "(n: 2)"])
        text += self._condition()
        named = get_named_type(fields[name].type)
        return f"{text} {self.selection_set(named.name, depth + 1)}" if is_composite_type(named) else text

    def _condition(self) -> str:
        if self._rng.random() > 0.12:
            return ""
        return f" @{self._rng.choice(['skip', 'include'])}(if: ${self._rng.choice(CONDITIONS)})"
