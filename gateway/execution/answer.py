"""Turn a run that is over into its result: the fast projection when all is well, the complete one otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .compiled_plan import CompiledPlan
from .completion import Completion
from .error_list import ErrorList
from .failures import Failure, FailureReport
from .projection import UNUSUAL
from .response_tree import TreeObject
from .result import ExecutionResult
from .settings import ExecutionSettings


class FinishedRun(Protocol):
    """A run that is over: `PlanRun` or `SingleFetch`."""

    plan: CompiledPlan
    tree: TreeObject
    failures: list[Failure]
    responses: list[tuple[str, int, tuple[tuple[bytes, bytes], ...]]]


def result_of_run(
    run: FinishedRun,
    variables: Mapping[str, Any],
    settings: ExecutionSettings,
    deferred_ids: frozenset[str] = frozenset(),
) -> ExecutionResult:
    """The answer of all fetches that have been merged."""
    variant = run.plan.answer_variant(variables, deferred_ids)
    errors: ErrorList | None = None
    if run.failures:
        errors = ErrorList(settings.max_error_paths)
        # Errors are looked up in the whole selection: what is deferred later may have been fetched already.
        whole = run.plan.answer_variant(variables) if deferred_ids else variant
        FailureReport(run.tree, whole.selection, settings).report(run.failures, errors)
    data: dict[str, Any] | None
    try:
        data = variant.project(run.tree)
    except UNUSUAL:
        if errors is None:
            errors = ErrorList(settings.max_error_paths)
        data = Completion(run.plan.schema, errors).complete(variant.selection, run.tree)
    result = ExecutionResult(data, errors.errors if errors is not None else [])
    if errors is not None and errors.hidden:
        result.extensions["valueCompletion"] = errors.hidden
    result.subgraph_headers = run.responses
    return result
