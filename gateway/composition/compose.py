"""The steps of composition, in order; each returns early when it found errors, because later ones would only repeat them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from .api_schema import build_api_schema, references_to_specs
from .error_codes import ErrorCode
from .errors import CompositionError, InvalidSchema, error
from .hints import CompositionHint
from .merge import Merge, merge_subgraphs
from .satisfiability import check_satisfiability
from .schema import Schema
from .schema.print_schema import print_schema
from .schema.validity import schema_errors
from .subgraph import Subgraph, SubgraphDefinition, load_subgraph
from .supergraph_rules import SUPERGRAPH_RULES, inaccessible_elements
from .upgrade import upgrade_subgraphs

DEFAULT_MAX_VALIDATION_SUBGRAPH_PATHS = 1_000_000  # open paths in subgraphs; as the reference


@dataclass(frozen=True, slots=True)
class CompositionOptions:
    runs_satisfiability: bool = True
    max_validation_subgraph_paths: int = DEFAULT_MAX_VALIDATION_SUBGRAPH_PATHS
    on_progress: Callable[[str, int, int], None] | None = None
    """Called with a step, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class CompositionResult:
    """A supergraph and remarks, or the errors that stand in its way."""

    supergraph_sdl: str | None = None
    api_sdl: str | None = None
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[CompositionHint, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    """The SDL of each subgraph, by name."""

    @property
    def is_successful(self) -> bool:
        return self.supergraph_sdl is not None


def compose(
    subgraphs: Sequence[SubgraphDefinition], options: CompositionOptions = CompositionOptions()
) -> CompositionResult:
    """Compose subgraphs into a supergraph. Never raises for what is wrong with the subgraphs: that is in `errors`."""
    with _collector_paused():
        return _compose(subgraphs, options)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Hold the garbage collector back: schemas grow and nothing in them is garbage, yet it would look through them again and again.

    A third of the time of composing is saved so. What others leave behind meanwhile is collected afterwards.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compose(subgraphs: Sequence[SubgraphDefinition], options: CompositionOptions) -> CompositionResult:
    sources = {subgraph.name: subgraph.sdl for subgraph in subgraphs}
    try:
        loaded = load_subgraphs(subgraphs, options)
        upgraded = upgrade_subgraphs(loaded)
    except InvalidSchema as problem:
        return CompositionResult(errors=problem.errors, sources=sources)
    merge = merge_subgraphs(tuple(upgraded))
    if not merge.report.errors:
        merge.report.errors.extend(supergraph_errors(merge))
    if merge.report.errors:
        return CompositionResult(errors=tuple(merge.report.errors), sources=sources)
    api_schema = build_api_schema(merge.supergraph, merge.inaccessible)
    hints = list(merge.report.hints)
    if options.runs_satisfiability:
        found = check_satisfiability(merge, api_schema, options.max_validation_subgraph_paths, options.on_progress)
        if found.errors:
            return CompositionResult(errors=tuple(found.errors), sources=sources)
        hints += found.hints
    return CompositionResult(
        print_schema(merge.supergraph), print_schema(api_schema), hints=tuple(hints), sources=sources
    )


def load_subgraphs(subgraphs: Sequence[SubgraphDefinition], options: CompositionOptions) -> list[Subgraph]:
    """All subgraphs by name. Raises InvalidSchema with the errors of all of them."""
    loaded: dict[str, Subgraph] = {}
    errors: list[CompositionError] = []
    for done, definition in enumerate(subgraphs):
        if options.on_progress:
            options.on_progress("Reading subgraphs", done, len(subgraphs))
        try:
            subgraph = load_subgraph(definition)
        except InvalidSchema as problem:
            errors.extend(problem.errors)
            continue
        if definition.name in loaded:
            message = f'A subgraph named "{definition.name}" already exists'
            errors.append(error(ErrorCode.INVALID_SUBGRAPH_NAME, message).in_subgraph(definition.name))
        loaded[definition.name] = subgraph
    if errors:
        raise InvalidSchema(errors)
    return [loaded[name] for name in sorted(loaded)]


def supergraph_errors(merge: Merge) -> list[CompositionError]:
    """What is wrong with the merged whole; the more precise rules first."""
    errors = [found for rule in SUPERGRAPH_RULES for found in rule(merge)]
    if errors:
        return errors
    errors = _validity_errors(merge.supergraph)
    if errors:
        return errors
    errors = list(inaccessible_elements(merge)) or list(references_to_specs(merge.supergraph))
    if errors or merge.inaccessible is None:
        return errors
    return schema_errors(build_api_schema(merge.supergraph, merge.inaccessible))


def _validity_errors(supergraph: Schema) -> list[CompositionError]:
    shadowing = supergraph.features.shadowing_errors(supergraph) if supergraph.features else []
    return schema_errors(supergraph) + shadowing
