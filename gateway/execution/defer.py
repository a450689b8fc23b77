"""@defer: the first result without the deferred blocks, then each block as soon as its fetches are merged.

The payloads are those of graphql-core 3.3 (`pending`, `incremental`, `completed`, `hasNext`):
https://github.com/graphql/defer-stream-wg/discussions/69
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..planning.query_plan import DeferredSelection, QueryPlan
from .answer import result_of_run
from .answer_selection import AnswerField, AnswerSelection
from .completion import Completion
from .conditions import conditions_hold, deferred_blocks
from .error_list import ClientPath, ErrorList, JsonObject
from .failures import FailureReport
from .plan_run import PlanRun
from .result import ExecutionResult
from .settings import ExecutionSettings


def deferred_ids(plan: QueryPlan, variables: Mapping[str, Any]) -> frozenset[str]:
    """The blocks that really come later for these variables."""
    return frozenset(
        block.defer_id
        for block in deferred_blocks(plan)
        if block.if_variable is None or variables.get(block.if_variable) is not False
    )


def held_fetches(plan: QueryPlan, ids: frozenset[str]) -> frozenset[int]:
    """The fetches that only deferred blocks need."""
    return frozenset(fetch.id for fetch in plan.fetches if fetch.defer_ids and ids.issuperset(fetch.defer_ids))


@dataclass(frozen=True, slots=True)
class PendingBlock:
    """One deferred block of one object of the answer."""

    id: str
    block: DeferredSelection
    type_name: str
    source: dict[str, Any]
    path: ClientPath


class Delivery:
    """Delivers one answer in parts."""

    def __init__(
        self, run: PlanRun, variables: Mapping[str, Any], ids: frozenset[str], settings: ExecutionSettings
    ) -> None:
        self._run = run
        self._variables = variables
        self._ids = ids
        self._settings = settings
        self._pending: list[PendingBlock] = []
        self._next_id = 0
        self._told_failures = 0
        self._finished = {fetch.id for fetch in run.plan.fetches} - run.unfinished
        self._progress = asyncio.Event()

    def first_result(self) -> ExecutionResult:
        """The answer without the deferred blocks; its `patches` bring them."""
        run = self._run
        result = result_of_run(run, self._variables, self._settings, self._ids)
        self._told_failures = len(run.failures)
        selection = run.plan.answer_variant(self._variables, self._ids).selection
        fresh = list(self._blocks_below(selection, run.tree, result.data, ()))
        if not fresh:
            run.give_up()
            return result
        self._pending = fresh
        result.pending = [_announcement(block) for block in fresh]
        run.on_finished = self._fetch_finished
        result.patches = self._patches()
        return result

    async def _patches(self) -> AsyncIterator[bytes]:
        try:
            while self._pending:
                ready = [block for block in self._pending if self._finished.issuperset(block.block.depends_on)]
                if not ready:
                    self._progress.clear()
                    await self._progress.wait()
                    continue
                self._pending = [block for block in self._pending if block not in ready]
                payload = self._payload(ready)
                payload["hasNext"] = bool(self._pending)
                yield orjson.dumps(payload)
        finally:
            self._run.give_up()

    def _payload(self, ready: list[PendingBlock]) -> JsonObject:
        errors = ErrorList(self._settings.max_error_paths)
        whole = self._run.plan.answer_variant(self._variables).selection
        failures = self._run.failures[self._told_failures :]
        self._told_failures = len(self._run.failures)
        FailureReport(self._run.tree, whole, self._settings).report(failures, errors)
        untold = list(errors.errors)
        announced: list[JsonObject] = []
        incremental: list[JsonObject] = []
        completed: list[JsonObject] = []
        for block in ready:
            known = len(errors.errors)
            builder = self._run.plan.selection_builder(self._variables, self._ids)
            selection = builder.build(block.type_name, block.block.selections)
            data = Completion(self._run.plan.schema, errors).complete(selection, block.source, block.path)
            own = [error for error in untold if tuple(error.get("path", ()))[: len(block.path)] == block.path]
            untold = [error for error in untold if error not in own]
            own += errors.errors[known:]
            if data is None:
                completed.append({"id": block.id, "errors": own})
                continue
            part: JsonObject = {"id": block.id, "data": data}
            if own:
                part["errors"] = own
            incremental.append(part)
            completed.append({"id": block.id})
            fresh = list(self._blocks_below(selection, block.source, data, block.path))
            self._pending += fresh
            announced += [_announcement(block) for block in fresh]
        if untold and incremental:
            incremental[0].setdefault("errors", []).extend(untold)
        payload: JsonObject = {}
        if announced:
            payload["pending"] = announced
        if incremental:
            payload["incremental"] = incremental
        payload["completed"] = completed
        return payload

    def _fetch_finished(self, fetch_id: int) -> None:
        self._finished.add(fetch_id)
        self._progress.set()

    def _blocks_below(
        self, selection: AnswerSelection, source: Any, data: Any, path: ClientPath
    ) -> Iterator[PendingBlock]:
        """The deferred blocks of all objects that are really in the answer."""
        if not isinstance(source, dict) or not isinstance(data, dict):
            return
        typename = source.get("__typename") if selection.is_abstract else selection.type_name
        for block in selection.deferred:
            if block.type_names is not None and str(typename) not in block.type_names:
                continue
            if conditions_hold(block.conditions, self._variables):
                yield PendingBlock(str(self._next_id), block, selection.type_name, source, path)
                self._next_id += 1
        fields = selection.fields
        if fields is None:
            fields = selection.fields_by_type.get(str(typename), ())
        for field in fields:
            if field.below is not None:
                key = field.response_key
                yield from self._blocks_in_value(field, source.get(field.tree_key), data.get(key), (*path, key))

    def _blocks_in_value(self, field: AnswerField, source: Any, data: Any, path: ClientPath) -> Iterator[PendingBlock]:
        if isinstance(source, list) and isinstance(data, list):
            for index, (item, item_data) in enumerate(zip(source, data, strict=True)):
                yield from self._blocks_in_value(field, item, item_data, (*path, index))
        elif field.below is not None:
            yield from self._blocks_below(field.below, source, data, path)


def _announcement(block: PendingBlock) -> JsonObject:
    announcement: JsonObject = {"id": block.id, "path": list(block.path)}
    if block.block.label is not None:
        announcement["label"] = block.block.label
    return announcement
