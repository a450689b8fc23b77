"""@defer: the first result without the deferred blocks, then each block as soon as its fetches are merged.

The payloads are those of graphql-core 3.3 (`pending`, `incremental`, `completed`, `hasNext`):
https://github.com/graphql/defer-stream-wg/discussions/69
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

from ..planning.query_plan import QueryPlan
from .answer_selection import AnswerSelection, Deferral
from .completion import Completion
from .conditions import deferred_blocks
from .delivery import DeliveryGraph, Fragment, Part, PartState
from .error_list import ClientPath, ErrorList, JsonObject
from .failures import FailureReport
from .plan_run import PlanRun
from .projection import UNUSUAL
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
    return frozenset(number for numbers in _fetches_by_block(plan, _deferral(plan, ids)).values() for number in numbers)


def _deferral(plan: QueryPlan, ids: frozenset[str]) -> Deferral:
    return Deferral(ids, {block.defer_id: block.parent_id for block in deferred_blocks(plan)})


def _fetches_by_block(plan: QueryPlan, deferral: Deferral) -> dict[str, set[int]]:
    """For each deferred block the fetches that it waits for beside those of the answer itself."""
    found: dict[str, set[int]] = {}
    for fetch in plan.fetches:
        actual = [deferral.actual(defer_id) for defer_id in fetch.defer_ids]
        for defer_id in actual if None not in actual else ():
            if defer_id is not None:
                found.setdefault(defer_id, set()).add(fetch.id)
    return found


class Delivery:
    """Delivers one answer in parts."""

    def __init__(
        self, run: PlanRun, variables: Mapping[str, Any], ids: frozenset[str], settings: ExecutionSettings
    ) -> None:
        self._run = run
        self._variables = variables
        self._ids = ids
        deferral = _deferral(run.plan.plan, ids)
        self._graph = DeliveryGraph(deferral)
        self._needed = _fetches_by_block(run.plan.plan, deferral)
        whole = run.plan.answer_variant(variables).selection
        self._report = FailureReport(run.tree, whole, settings)
        self._errors = ErrorList(settings.max_error_paths)
        self._untold: list[JsonObject] = []
        self._told_failures = 0
        self._finished = {fetch.id for fetch in run.plan.fetches} - run.unfinished
        self._progress = asyncio.Event()

    def first_result(self) -> ExecutionResult:
        """The answer without the deferred blocks; its `patches` bring them."""
        run = self._run
        variant = run.plan.answer_variant(self._variables, self._ids)
        self._collect_failures()
        data: JsonObject | None
        try:
            data = variant.project(run.tree)
        except UNUSUAL:
            data = Completion(run.plan.schema, self._errors).complete(variant.selection, run.tree)
        result = ExecutionResult(data, self._own_errors(variant.selection, run.tree, ()))
        if self._errors.hidden:
            result.extensions["valueCompletion"] = list(self._errors.hidden)
        result.subgraph_headers = run.responses
        pending = self._graph.announce(self._graph.discover(variant.selection, run.tree, data))
        if not pending:
            run.cancel()
            return result
        result.pending = pending
        run.on_finished = self._fetch_finished
        result.patches = self._patches()
        return result

    async def _patches(self) -> AsyncGenerator[bytes]:
        try:
            while self._graph.open:
                payload = self._next_payload()
                if payload is None:
                    self._progress.clear()
                    await self._progress.wait()
                    continue
                payload["hasNext"] = bool(self._graph.open)
                yield orjson.dumps(payload)
        finally:
            self._run.cancel()

    def _next_payload(self) -> JsonObject | None:
        """All that can be told now; None when that is nothing."""
        self._collect_failures()
        payload: JsonObject = {}
        is_moving = True
        while is_moving:
            is_moving = False
            for fragment in list(self._graph.open):
                if self._is_ready(fragment):
                    self._make_parts(fragment)
                if all(part.state is not PartState.waiting for part in fragment.parts):
                    self._graph.finish(fragment, payload)
                    is_moving = True
        if not payload:
            return None
        if self._untold and not self._graph.open and payload.get("incremental"):
            payload["incremental"][-1].setdefault("errors", []).extend(self._untold)
        # In the order in which a client reads them.
        return {key: payload[key] for key in ("pending", "incremental", "completed") if key in payload}

    def _is_ready(self, fragment: Fragment) -> bool:
        return self._finished.issuperset(self._needed.get(fragment.block.defer_id, ()))

    def _make_parts(self, fragment: Fragment) -> None:
        # Making one part may show further ones of the same fragment, deeper in the answer.
        for part in fragment.parts:
            if part.state is PartState.waiting:
                self._make(part)

    def _make(self, part: Part) -> None:
        hidden = len(self._errors.hidden)
        data = Completion(self._run.plan.schema, self._errors).complete(part.selection, part.source, part.path)
        part.errors = self._own_errors(part.selection, part.source, part.path)
        part.hidden = self._errors.hidden[hidden:]
        if data is None:
            part.state = PartState.failed
            return
        part.data = data
        part.state = PartState.made
        self._graph.discover(part.selection, part.source, data, part.path, part.known)

    def _fetch_finished(self, fetch_id: int) -> None:
        self._finished.add(fetch_id)
        self._progress.set()

    # -- errors --

    def _collect_failures(self) -> None:
        failures = self._run.failures[self._told_failures :]
        self._told_failures = len(self._run.failures)
        if failures:
            self._report.report(failures, self._errors)

    def _own_errors(self, selection: AnswerSelection, source: JsonObject, path: ClientPath) -> list[JsonObject]:
        """The errors not told yet that lie in a piece of the answer, or above it."""
        self._untold += self._errors.take()
        own = [error for error in self._untold if _covers(selection, source, path, tuple(error.get("path", ())))]
        self._untold = [error for error in self._untold if error not in own]
        return own


def _covers(selection: AnswerSelection, source: Any, path: ClientPath, error_path: ClientPath) -> bool:
    """Whether an error path leads into a piece of the answer (and not into a part that comes later), or is above it."""
    if len(error_path) <= len(path):
        return path[: len(error_path)] == error_path
    if error_path[: len(path)] != path:
        return False
    below: AnswerSelection | None = selection
    for step in error_path[len(path) :]:
        if isinstance(step, int):
            source = source[step] if isinstance(source, list) and step < len(source) else None
            continue
        if below is None:
            return True
        fields = below.fields
        if fields is None:
            typename = source.get("__typename") if isinstance(source, dict) else None
            fields = below.fields_by_type.get(str(typename), ())
        field = next((one for one in fields if one.response_key == step), None)
        if field is None:
            return False
        below = field.below
        source = source.get(field.tree_key) if isinstance(source, dict) else None
    return True
