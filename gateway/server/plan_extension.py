"""The query plan as it stands in `extensions.queryPlan`, for the explorer and for whoever asks by header."""

from __future__ import annotations

from collections.abc import Sequence

from ..execution import FetchEvent
from ..planning.query_plan import FetchNode, KeyStep, QueryPlan, ResponsePath, TypeStep
from .refusals import JsonObject


def plan_extension(plan: QueryPlan, fetched: Sequence[FetchEvent] = ()) -> JsonObject:
    """Return the plan as JSON: its fetches, each with its subgraph, its document, what it waits for, and when it ran (in
    milliseconds from the first one's start) if it did. Fetches that went out in one request name each other in `sentWith`.
    """
    begin = min((event.started for event in fetched), default=0.0)
    times: dict[int, JsonObject] = {}
    for event in fetched:
        ids = (event.fetch_id, *event.joined_ids)
        for fetch_id in ids:
            times[fetch_id] = _times(event, begin, [other for other in ids if other != fetch_id])
    return {
        "operation": plan.operation_kind,
        "estimatedCost": plan.estimated_cost,
        "fetches": [_fetch(fetch) | times.get(fetch.id, {}) for fetch in plan.fetches],
    }


def _times(event: FetchEvent, begin: float, sent_with: list[int]) -> JsonObject:
    started, took = (event.started - begin) * 1000, (event.ended - event.started) * 1000
    times: JsonObject = {"startedMs": round(started, 2), "tookMs": round(took, 2), "bytes": event.bytes_received}
    return times | {"sentWith": sent_with} if sent_with else times


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
