"""PlanRun: one run of a compiled plan. Each fetch starts as soon as what it depends on is merged; there are no waves and no tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import orjson

from ..errors import SubgraphProtocolError, SubgraphUnreachable, TransportError
from ..transport.dispatch import Cancellable, DispatchingTransport, Outcome
from ..transport.interface import SubgraphResponse
from .compiled_plan import CompiledFetch, CompiledInput, CompiledPlan
from .conditions import conditions_hold
from .context_arguments import ContextGroup, group_by_context
from .failures import Failure
from .fetch_request import fetch_event, fetch_request
from .gather import gather_place
from .joined_fetches import HeldFetch, JoinedRequest
from .representations import Batch
from .request_context import RequestContext
from .response_tree import TreeObject, copy_value, merge_object, objects_at
from .running_fetch import RunningFetch, SharedCount
from .settings import ExecutionSettings
from .subgraph_answer import parse_answer

OnDone: TypeAlias = Callable[[Exception | None], None]

NO_BATCHES: tuple[Batch, ...] = ()


class PlanRun:
    """Fills `tree` from the subgraphs and keeps what failed in `failures`.

    Fetches in `held` do not count for the end of `run`; `on_finished` is told of each fetch that is over.
    """

    __slots__ = (
        "_context", "_gathered", "_in_flight", "_is_over", "_left", "_loop", "_on_done", "_ready", "_settings",
        "_started", "_transports", "_unfinished", "_variables", "_waiting", "failures", "held", "on_finished", "plan", "responses", "tree",
    )  # fmt: skip

    def __init__(
        self,
        plan: CompiledPlan,
        transports: Mapping[str, DispatchingTransport],
        variables: Mapping[str, Any],
        context: RequestContext,
        settings: ExecutionSettings,
        held: frozenset[int] = frozenset(),
    ) -> None:
        self.plan = plan
        self.tree: TreeObject = {}
        self.failures: list[Failure] = []
        self.responses: list[tuple[str, int, tuple[tuple[bytes, bytes], ...]]] = []
        self.held = held
        self.on_finished: Callable[[int], None] | None = None
        self._transports = transports
        self._variables = variables
        self._context = context
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._gathered: list[list[TreeObject] | None] = [None] * plan.place_count
        self._waiting = list(plan.dependency_counts)
        self._left = len(plan.fetches) - len(held)
        self._in_flight: dict[RunningFetch, Cancellable] = {}
        self._on_done: OnDone | None = None
        self._is_over = False
        self._unfinished = set(held)
        # Fetches that are ready and wait, until this turn of the event loop is over, for others of their subgraph.
        self._ready: list[HeldFetch] = []
        self._started: set[int] = set()

    def start(self, on_done: OnDone) -> None:
        """Start all fetches that are not held back. `on_done` is called once, perhaps before this returns: with the
        bug that ended the run, or None.
        """
        if self.plan.introspection is not None:
            self.tree.update(self.plan.introspection.answer(self._variables))
        try:
            for fetch_id in self.plan.starts:
                self._start(self.plan.fetches[fetch_id])
        except BaseException:
            self.cancel()
            raise
        self._tell_when_done(on_done)

    async def run(self) -> None:
        """Run all fetches that are not held back. Cancelling it gives up all that is in flight."""
        await self._finished(self.start)

    async def run_after(self, event: TreeObject) -> None:
        """Run all fetches but the first, whose answer (an event of a subscription) is given."""
        merge_object(self.tree, event, self.plan.object_types)
        await self._finished(self._start_after_first)

    @property
    def unfinished(self) -> set[int]:
        """The fetches that are not over yet."""
        return self._unfinished

    def cancel(self) -> None:
        """Give up what is in flight and start nothing more; nobody is told."""
        self._is_over = True
        self._on_done = None
        in_flight, self._in_flight = self._in_flight, {}
        for handle in in_flight.values():
            handle.cancel()

    def _start_after_first(self, on_done: OnDone) -> None:
        self._finish(self.plan.fetches[0])
        self._tell_when_done(on_done)

    def _tell_when_done(self, on_done: OnDone) -> None:
        if self._left:
            self._on_done = on_done
        else:
            on_done(None)

    async def _finished(self, start: Callable[[OnDone], None]) -> None:
        done: asyncio.Future[None] = self._loop.create_future()
        try:
            start(partial(_settle, done))
            await done
        except BaseException:
            self.cancel()
            raise

    # -- one fetch --

    def _start(self, fetch: CompiledFetch) -> None:
        self._started.add(fetch.id)
        if fetch.conditions and not conditions_hold(fetch.conditions, self._variables):
            self._finish(fetch)
            return
        if not fetch.inputs:
            if fetch.node.root_path and next(objects_at(self.tree, fetch.node.root_path), None) is None:
                self._finish(fetch)
                return
            body = fetch.constant_body
            if body is None:
                body = b"%b%b}}" % (fetch.head, b",".join(self._variable_parts(fetch.variables)))
            self._send(fetch, body, NO_BATCHES, None)
            return
        if any(entity_input.context_arguments for entity_input in fetch.inputs):
            self._start_by_context(fetch)
            return
        batches = tuple([self._gather(entity_input) for entity_input in fetch.inputs])
        if not any(batch.targets for batch in batches):
            self._finish(fetch)
            return
        if fetch.partners and not self._started.issuperset(fetch.partners):
            self._ready.append((fetch, batches))
            if len(self._ready) == 1:
                self._loop.call_soon(self._send_ready)
            return
        self._send_with_partners(fetch, batches)

    def _send_ready(self) -> None:
        """Send what has become ready in this turn of the event loop."""
        try:
            while self._ready and not self._is_over:
                self._send_with_partners(*self._ready.pop(0))
        except Exception as error:
            self._break_off(error)

    def _send_with_partners(self, fetch: CompiledFetch, batches: tuple[Batch, ...]) -> None:
        others = [one for one in self._ready if one[0].id in fetch.partners]
        held = sorted([(fetch, batches), *others], key=lambda one: one[0].id)
        document = self.plan.joined_document(tuple(one[0] for one in held)) if others else None
        if document is None:
            self._send(fetch, self._entities_body(fetch, batches, ()), batches, None)
            return
        self._ready = [one for one in self._ready if one not in others]
        joined = JoinedRequest(document, tuple(held))
        parts = joined.variable_parts() + self._variable_parts(document.variables)
        self._send(held[0][0], b"%b%b}}" % (document.head, b",".join(parts)), NO_BATCHES, None, joined)

    def _start_by_context(self, fetch: CompiledFetch) -> None:
        """One request for each set of values that the context arguments have."""
        groups = group_by_context(fetch, self.tree, self._variables)
        if not groups:
            self._finish(fetch)
            return
        remaining = SharedCount(len(groups))
        for group in groups:
            body = self._entities_body(fetch, group.batches, _context_parts(group))
            self._send(fetch, body, group.batches, remaining)

    def _gather(self, entity_input: CompiledInput) -> Batch:
        batch = Batch()
        for target in entity_input.targets:
            if target.conditions and not conditions_hold(target.conditions, self._variables):
                continue
            objects = gather_place(target.place, self.tree, self._gathered)
            if objects:
                target.represent(objects, batch)
        return batch

    def _entities_body(self, fetch: CompiledFetch, batches: tuple[Batch, ...], more: tuple[bytes, ...]) -> bytes:
        if len(batches) == 1 and not fetch.variables and not more:
            return b"%b%b%b}}" % (fetch.head, fetch.inputs[0].variable_prefix, orjson.dumps(batches[0].representations))
        parts = [
            entity_input.variable_prefix + orjson.dumps(batch.representations)
            for entity_input, batch in zip(fetch.inputs, batches, strict=True)
        ]
        parts += more
        parts += self._variable_parts(fetch.variables)
        return b"%b%b}}" % (fetch.head, b",".join(parts))

    def _variable_parts(self, names: tuple[tuple[str, bytes], ...]) -> list[bytes]:
        variables = self._variables
        return [prefix + orjson.dumps(variables[name]) for name, prefix in names if name in variables]

    def _send(
        self,
        fetch: CompiledFetch,
        body: bytes,
        batches: tuple[Batch, ...],
        remaining: SharedCount | None,
        joined: JoinedRequest | None = None,
    ) -> None:
        name = fetch.subgraph_name
        now = self._loop.time()
        request = fetch_request(fetch, body, self._context, self._settings, now)
        running = RunningFetch(self, fetch, batches, remaining, joined)
        running.started = now
        running.bytes_sent = len(body)
        transport = self._transports.get(name)
        if transport is None:
            running(SubgraphUnreachable(name, f'There is no transport for subgraph "{name}".'))
            return
        handle = transport.dispatch(request, running)
        if not running.is_answered:
            self._in_flight[running] = handle

    # -- answers --

    def answered(self, running: RunningFetch, outcome: Outcome) -> None:
        """Merge the outcome of a fetch, then start what waited for it."""
        self._in_flight.pop(running, None)
        if self._is_over:
            return
        try:
            if self._context.on_fetch is not None or self._context.collect_headers:
                self._tell(running, outcome)
            fetch = running.fetch
            answer = outcome if isinstance(outcome, TransportError) else parse_answer(fetch.subgraph_name, outcome)
            if running.joined is not None:
                self._take_joined(running.joined, answer)
                return
            self._take(fetch, running.batches, answer)
            if running.remaining is None or running.remaining.last():
                self._finish(fetch)
        except Exception as error:
            self._break_off(error)

    def _break_off(self, error: Exception) -> None:
        """A bug must end the request, not leave it waiting."""
        on_done = self._on_done
        self.cancel()
        if on_done is None:
            raise error
        on_done(error)

    def _take_joined(self, joined: JoinedRequest, answer: TreeObject | TransportError) -> None:
        if isinstance(answer, TransportError):
            for fetch, batches in joined.held:
                self._take(fetch, batches, answer)
        else:
            for (fetch, batches), own in joined.answers(answer):
                self._take(fetch, batches, own)
        for fetch, _ in joined.held:
            self._finish(fetch)

    def _take(self, fetch: CompiledFetch, batches: tuple[Batch, ...], answer: TreeObject | TransportError) -> None:
        if isinstance(answer, TransportError):
            self.failures.append(Failure(fetch, batches, answer))
            return
        errors = answer.get("errors")
        if errors:
            self.failures.append(Failure(fetch, batches, None, tuple(errors)))
        data = answer.get("data")
        if data is None:
            return
        if not fetch.inputs:
            self._merge_root(fetch, data)
            return
        for entity_input, batch in zip(fetch.inputs, batches, strict=True):
            entities = data.get(entity_input.alias)
            if isinstance(entities, list) and len(entities) == len(batch.representations):
                self._merge_entities(entity_input, batch, entities)
            elif batch.representations and not errors:
                name = fetch.subgraph_name
                error = SubgraphProtocolError(name, f'Subgraph "{name}" did not answer with one entity for each asked.')
                self.failures.append(Failure(fetch, batches, error))

    def _merge_root(self, fetch: CompiledFetch, data: TreeObject) -> None:
        if not fetch.needs_deep_merge:
            self.tree.update(data)
            return
        for number, target in enumerate(list(objects_at(self.tree, fetch.node.root_path))):
            merge_object(target, copy_value(data) if number else data, self.plan.object_types)

    def _merge_entities(self, entity_input: CompiledInput, batch: Batch, entities: list[Any]) -> None:
        is_shared = entity_input.is_shared or batch.is_one_to_one
        if entity_input.needs_deep_merge or not is_shared:
            # An object that another place also refers to is changed by later merges: each place gets its own.
            used: set[int] = set()
            for target, slot in zip(batch.targets, batch.slots, strict=True):
                entity = entities[slot]
                if isinstance(entity, dict):
                    is_copy = slot in used and not entity_input.is_shared
                    merge_object(target, copy_value(entity) if is_copy else entity, self.plan.object_types)
                    used.add(slot)
            return
        for target, slot in zip(batch.targets, batch.slots, strict=True):
            entity = entities[slot]
            if entity.__class__ is dict:
                target.update(entity)

    def _finish(self, fetch: CompiledFetch) -> None:
        if fetch.id in self.held:
            self._unfinished.discard(fetch.id)
        else:
            self._left -= 1
        waiting = self._waiting
        for dependent in fetch.dependents:
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                self._start(self.plan.fetches[dependent])
        if self.on_finished is not None:
            self.on_finished(fetch.id)
        if self._left == 0 and self._on_done is not None:
            on_done, self._on_done = self._on_done, None
            on_done(None)

    def _tell(self, running: RunningFetch, outcome: Outcome) -> None:
        context, fetch = self._context, running.fetch
        if context.collect_headers and isinstance(outcome, SubgraphResponse):
            self.responses.append((fetch.subgraph_name, outcome.status, outcome.headers))
        if context.on_fetch is not None:
            others = running.joined.other_ids if running.joined is not None else ()
            now = self._loop.time()
            context.on_fetch(fetch_event(fetch, outcome, running.started, now, running.bytes_sent, others))


def _settle(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _context_parts(group: ContextGroup) -> tuple[bytes, ...]:
    return tuple(orjson.dumps(name) + b":" + orjson.dumps(value) for name, value in group.values.items())
