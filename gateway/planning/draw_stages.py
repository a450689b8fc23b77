"""Draw every stage on the way to a plan below one another, as SVG, and as clusters in the DOT language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .draw_cards import Card, Drawing, cards_to_dot, cards_to_svg, colors_of, dot_label, lines_to_svg, shortened, svg_of
from .draw_plan import DOT_HEAD, plan_cards
from .explain import ExplainedStages

_HEADING_HEIGHT = 26

Lines = Sequence[tuple[str, str | None]]


def stages_to_svg(stages: ExplainedStages) -> str:
    """Ways and fetches have the colour of their subgraph in all stages."""
    fetch_graph, plan = _fetch_graph_cards(stages), plan_cards(stages.plan)
    colors = colors_of([card.subgraph_name for card in [*fetch_graph, *plan]])
    drawings: list[Drawing] = []
    for name, content in _sections(stages, colors).items():
        _add(drawings, name, content)
    _add(drawings, "fetch graph", fetch_graph, colors)
    _add(drawings, "query plan", plan, colors)
    _add(drawings, "estimated cost", [(f"{stages.plan.estimated_cost:.0f}", None)])
    return svg_of(drawings)


def stages_to_dot(stages: ExplainedStages) -> str:
    """A cluster a stage."""
    lines = ["digraph stages {", *DOT_HEAD]
    for number, (name, content) in enumerate(_sections(stages, {}).items()):
        text = dot_label([line for line, _ in content])
        lines += _cluster(number, name, [f"  s{number} [shape=note label={text}];"])
    number = len(_sections(stages, {}))
    lines += _cluster(number, "fetch graph", cards_to_dot(_fetch_graph_cards(stages), "g"))
    lines += _cluster(number + 1, "query plan", cards_to_dot(plan_cards(stages.plan)))
    cost = dot_label([f"{stages.plan.estimated_cost:.0f}"])
    lines += _cluster(number + 2, "estimated cost", [f"  cost [shape=note label={cost}];"])
    return "\n".join([*lines, "}"]) + "\n"


def _sections(stages: ExplainedStages, colors: Mapping[str, str]) -> dict[str, Lines]:
    """The stages that are lines of text."""
    paths: list[tuple[str, str | None]] = []
    for one in stages.best_paths:
        paths.append((one.leaf, None))
        paths += [(f"  {option.text}", colors.get(option.subgraph_name)) for option in one.options]
        paths += [(f"  not possible at {void.text}", None) for void in one.not_possible]
    choices = [
        (f"{one.leaf}: nothing to fetch", None)
        if one.way is None
        else (f"{one.leaf}: {one.way.text}", colors.get(one.way.subgraph_name))
        for one in stages.query_tree
    ]
    return {
        "normalized operation": [(line, None) for line in stages.operation.splitlines()],
        "best paths": paths,
        "query tree": choices,
    }


def _fetch_graph_cards(stages: ExplainedStages) -> list[Card]:
    cards = []
    for group in stages.fetch_graph:
        lines = [f"{group.id}  {group.subgraph_name}", *group.paths]
        if group.condition:
            lines.append(f"if {group.condition}")
        labels = tuple(map(shortened, [*lines, group.selection]))
        cards.append(Card(group.id, group.subgraph_name, labels, group.depends_on, group.selection))
    return cards


def _add(
    drawings: list[Drawing], name: str, content: Sequence[Card] | Lines, colors: Mapping[str, str] | None = None
) -> None:
    top = sum(drawing.height for drawing in drawings)
    heading = f'<text x="10" y="{top + 18:.0f}" font-size="14" font-weight="bold" fill="#0f172a">{name}</text>'
    drawings.append(Drawing((heading,), 10 + 9.0 * len(name), _HEADING_HEIGHT))
    top += _HEADING_HEIGHT
    cards = [one for one in content if isinstance(one, Card)]
    lines = [one for one in content if not isinstance(one, Card)]
    drawings.append(lines_to_svg(lines, top) if colors is None else cards_to_svg(cards, colors, top))


def _cluster(number: int, name: str, lines: list[str]) -> list[str]:
    return [f"  subgraph cluster_{number} {{", f'  label="{name}";', *lines, "  }"]
