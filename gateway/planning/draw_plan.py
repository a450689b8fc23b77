"""Draw a plan, as SVG and as DOT: one box a fetch, one column a stage, one colour a subgraph."""

from __future__ import annotations

import re

from .draw_cards import Card, cards_to_dot, cards_to_svg, colors_of, shortened, svg_of
from .print_plan import print_conditions, print_path
from .query_plan import FetchNode, QueryPlan

DOT_HEAD = ["  rankdir=LR;", '  node [shape=box fontname="monospace" fontsize=10];']
_ENTITIES = re.compile(r"(?:^\{|\s*)(?:\w+:)?_entities\(representations:\$\w+\)")


def plan_to_dot(plan: QueryPlan) -> str:
    """The fetches and what waits for what, in the DOT language."""
    return "\n".join(["digraph plan {", *DOT_HEAD, *cards_to_dot(plan_cards(plan)), "}"]) + "\n"


def plan_to_svg(plan: QueryPlan) -> str:
    """The same as a picture."""
    cards = plan_cards(plan)
    return svg_of([cards_to_svg(cards, colors_of([card.subgraph_name for card in cards]))])


def plan_cards(plan: QueryPlan) -> list[Card]:
    """A card for each fetch."""
    return [
        Card(
            fetch.id,
            fetch.subgraph_name,
            _labels(fetch),
            tuple(fetch.depends_on),
            fetch.document,
            bool(fetch.defer_ids),
        )
        for fetch in plan.fetches
    ]


def _labels(fetch: FetchNode) -> tuple[str, ...]:
    lines = [f"{fetch.id}  {fetch.subgraph_name}"]
    for entity in fetch.entities:
        for target in entity.targets:
            names = sorted(name for one in target.representations for name in one.type_names or (one.typename or "",))
            lines.append(f"{print_path(target.path)} ({' '.join(names)})")
    if fetch.root_path:
        lines.append(print_path(fetch.root_path))
    if fetch.conditions:
        lines.append(f"if {print_conditions(fetch.conditions)}")
    if fetch.defer_ids:
        lines.append(f"deferred: {' '.join(fetch.defer_ids)}")
    body = fetch.document[fetch.document.index("{") :]
    # What the entities are asked for says more than that they are asked for.
    lines += [*_ENTITIES.split(body[:-1])[1:]] if fetch.entities else [body]
    return tuple(map(shortened, lines))
