"""The query plan as it stands in `extensions.queryPlan`, for the explorer and for whoever asks by header."""

from __future__ import annotations

from ..planning.query_plan import FetchNode, KeyStep, QueryPlan, ResponsePath, TypeStep
from .refusals import JsonObject


def plan_extension(plan: QueryPlan) -> JsonObject:
    """Return the plan as JSON: its fetches, each with its subgraph, its document and what it waits for."""
    return {
        "operation": plan.operation_kind,
        "estimatedCost": plan.estimated_cost,
        "fetches": [_fetch(fetch) for fetch in plan.fetches],
    }


def _fetch(fetch: FetchNode) -> JsonObject:
    paths = [_path(target.path) for entity in fetch.entities for target in entity.targets]
    return {
        "id": fetch.id,
        "subgraph": fetch.subgraph_name,
        "kind": "entities" if fetch.entities else fetch.operation_kind,
        "document": fetch.document,
        "variables": list(fetch.variable_names),
        "dependsOn": list(fetch.depends_on),
        "paths": paths or [_path(fetch.root_path)],
    }


def _path(path: ResponsePath) -> str:
    """`people[].friends[]`; a step that goes on for some types only is `|[User]`, as Apollo writes it."""
    text = ""
    for step in path:
        if isinstance(step, KeyStep):
            text += f".{step.key}" if text else step.key
        elif isinstance(step, TypeStep):
            text += f"|[{','.join(sorted(step.type_names))}]"
        else:
            text += "[]"
    return text
