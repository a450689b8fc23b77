"""Print a plan for people and for programs: as text in the familiar form of federation gateways, and as JSON values."""

from __future__ import annotations

from typing import TypeAlias

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse
from graphql.language import print_ast

from .query_plan import (
    Conditions,
    EntityInput,
    EntityTarget,
    FetchNode,
    KeyStep,
    ProjectedField,
    QueryPlan,
    Representation,
    RequiredField,
    ResponsePath,
    TypeStep,
)

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"


def print_plan(plan: QueryPlan) -> str:
    """`QueryPlan { Sequence { Fetch(service: ...) ... } }`: fetches that follow one another in sequence, stage by stage.

    Within a stage `after` names the fetches that one waits for; it starts as soon as these are done, not when the stage before is.
    """
    if not plan.fetches:
        return "QueryPlan {}\n"
    stages = fetch_stages(plan)
    blocks = [_stage(stage) for stage in stages]
    if plan.operation_kind == "subscription":
        rest = blocks[1:]
        blocks = [["Subscription {", *_indented(["Primary: {", *_indented(blocks[0]), "},"])]]
        if rest:
            blocks[0] += _indented(["Rest: {", *_indented(_in_sequence(rest)), "},"])
        blocks[0].append("},")
    return "\n".join(["QueryPlan {", *_indented(_in_sequence(blocks)), "}"]) + "\n"


def fetch_stages(plan: QueryPlan) -> list[list[FetchNode]]:
    """The fetches by how many others they have to wait for, one after the other."""
    depth: dict[int, int] = {}
    for fetch in plan.fetches:
        depth[fetch.id] = 1 + max((depth[needed] for needed in fetch.depends_on), default=-1)
    stages: list[list[FetchNode]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for fetch in plan.fetches:
        stages[depth[fetch.id]].append(fetch)
    return stages


def plan_to_json(plan: QueryPlan) -> dict[str, JsonValue]:
    """The whole plan as JSON values."""
    return {
        "operationKind": plan.operation_kind,
        "operationName": plan.operation_name,
        "estimatedCost": plan.estimated_cost,
        "fetches": [_fetch_to_json(fetch) for fetch in plan.fetches],
        "projection": [_projected_to_json(field) for field in plan.projection],
    }


def print_path(path: ResponsePath) -> str:
    """`products.@|[Book].author`: `@` is every item of a list, `|[...]` a condition on the type."""
    text = ""
    for step in path:
        match step:
            case KeyStep():
                text += f".{step.key}" if text else step.key
            case TypeStep():
                text += f"|[{', '.join(sorted(step.type_names))}]"
            case _:
                text += ".@"
    return text


def print_conditions(conditions: Conditions) -> str:
    """`($a && !$b) || $c`."""
    parts = [
        " && ".join(f"{'!' if one.negated else ''}${one.variable_name}" for one in alternative)
        for alternative in conditions
    ]
    return parts[0] if len(parts) == 1 else " || ".join(f"({part})" if "&&" in part else part for part in parts)


def _in_sequence(blocks: list[list[str]]) -> list[str]:
    if len(blocks) == 1:
        return blocks[0]
    return ["Sequence {", *_indented([line for block in blocks for line in block]), "},"]


def _stage(stage: list[FetchNode]) -> list[str]:
    blocks = [_fetch(fetch) for fetch in stage]
    if len(blocks) == 1:
        return blocks[0]
    return ["Parallel {", *_indented([line for block in blocks for line in block]), "},"]


def _fetch(fetch: FetchNode) -> list[str]:
    lines = [f"{_fetch_head(fetch)} {{"]
    selection_set = _selection_set(fetch.document)
    if not fetch.entities:
        lines += [*_indented(_print_selections(selection_set)), "},"]
        if fetch.root_path:
            lines = [f'Flatten(path: "{print_path(fetch.root_path)}") {{', *_indented(lines), "},"]
    else:
        for entity, node in zip(fetch.entities, selection_set.selections, strict=True):
            assert isinstance(node, FieldNode)
            assert node.selection_set is not None
            lines += _indented(_entities(entity, node.selection_set, is_alone=len(fetch.entities) == 1))
        lines.append("},")
    if fetch.conditions:
        lines = [f"Include(if: {print_conditions(fetch.conditions)}) {{", *_indented(lines), "},"]
    if fetch.defer_ids:
        lines = [f"Deferred(ids: {', '.join(fetch.defer_ids)}) {{", *_indented(lines), "},"]
    return lines


def _fetch_head(fetch: FetchNode) -> str:
    after = f", after: {' '.join(str(one) for one in fetch.depends_on)}" if fetch.depends_on else ""
    variables = f", variables: {' '.join('$' + name for name in fetch.variable_names)}" if fetch.variable_names else ""
    return f'Fetch(service: "{fetch.subgraph_name}", id: {fetch.id}{after}{variables})'


def _entities(entity: EntityInput, selection_set: SelectionSetNode, *, is_alone: bool) -> list[str]:
    lines = [] if is_alone else [f"{entity.alias}:"]
    for target in entity.targets:
        lines += _target(target)
    for context in entity.context_arguments:
        lines.append(f"${context.variable_name} = {context.levels_up} up: {print_path(context.path)}")
    lines += ["=>", *_print_selections(selection_set)]
    return lines


def _target(target: EntityTarget) -> list[str]:
    condition = f", if: {print_conditions(target.conditions)}" if target.conditions else ""
    lines = [f'Flatten(path: "{print_path(target.path)}"{condition}) {{']
    for one in target.representations:
        lines += _indented([_print_representation(one)])
    return [*lines, "}"]


def _print_representation(representation: Representation) -> str:
    types = "" if representation.type_names is None else f"... on {' | '.join(sorted(representation.type_names))} "
    sent = representation.typename or "as it is"
    return f"{types}{{ __typename: {sent} {_print_required(representation.required)} }}"


def _print_required(fields: tuple[RequiredField, ...]) -> str:
    parts = []
    for field in fields:
        text = field.field_name if field.field_name == field.tree_key else f"{field.field_name}: {field.tree_key}"
        if field.selections:
            text += f" {{ {_print_required(field.selections)} }}"
        if field.type_names is not None:
            text = f"... on {' | '.join(sorted(field.type_names))} {{ {text} }}"
        parts.append(text)
    return " ".join(parts)


def _selection_set(document: str) -> SelectionSetNode:
    definition = parse(document, no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set


def _print_selections(selection_set: SelectionSetNode) -> list[str]:
    return print_ast(selection_set).splitlines()


def _indented(lines: list[str]) -> list[str]:
    return ["  " + line for line in lines]


def _fetch_to_json(fetch: FetchNode) -> JsonValue:
    return {
        "id": fetch.id,
        "serviceName": fetch.subgraph_name,
        "operationKind": fetch.operation_kind,
        "operation": fetch.document,
        "operationName": fetch.operation_name,
        "variableUsages": list(fetch.variable_names),
        "dependsOn": list(fetch.depends_on),
        "path": print_path(fetch.root_path),
        "conditions": print_conditions(fetch.conditions) or None,
        "deferIds": list(fetch.defer_ids),
        "entities": [
            {
                "alias": entity.alias,
                "variable": entity.variable_name,
                "targets": [
                    {
                        "path": print_path(target.path),
                        "conditions": print_conditions(target.conditions) or None,
                        "representations": [_print_representation(one) for one in target.representations],
                    }
                    for target in entity.targets
                ],
            }
            for entity in fetch.entities
        ],
    }


def _projected_to_json(field: ProjectedField) -> JsonValue:
    return {
        "responseKey": field.response_key,
        "treeKey": field.tree_key,
        "field": field.field_name,
        "type": str(field.type),
        "types": None if field.type_names is None else _names(field.type_names),
        "conditions": print_conditions(field.conditions) or None,
        "selections": [_projected_to_json(one) for one in field.selections],
        "deferred": [{"id": one.defer_id, "label": one.label, "parent": one.parent_id} for one in field.deferred],
        "defers": [{"id": one, "conditions": print_conditions(when) or None} for one, when in field.defers],
    }


def _names(names: frozenset[str]) -> list[JsonValue]:
    return list(sorted(names))  # noqa: C413 - a list of JSON values, not of strings
