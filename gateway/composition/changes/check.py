"""Check a new API schema against the one before, and against the operations that clients are known to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphql import DocumentNode, GraphQLError, GraphQLSchema, build_schema, parse, validate

from ..schema import Schema
from ..schema.build import build_plain_schema
from .change import Change, Criticality
from .compare import compare_schemas
from .used_coordinates import used_coordinates


@dataclass(frozen=True, slots=True)
class RecordedOperation:
    """A document that clients send; `name` is how it is called in the report."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeReport:
    changes: tuple[Change, ...]
    unreadable: tuple[str, ...] = ()
    """Recorded operations that were not valid before either, with the reason; they are left out."""

    @property
    def breaking(self) -> tuple[Change, ...]:
        return self._of(Criticality.BREAKING)

    @property
    def dangerous(self) -> tuple[Change, ...]:
        return self._of(Criticality.DANGEROUS)

    @property
    def safe(self) -> tuple[Change, ...]:
        return self._of(Criticality.SAFE)

    def _of(self, criticality: Criticality) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.criticality is criticality)


def check_changes(
    before_sdl: str, after_sdl: str, operations: Sequence[RecordedOperation] | None = None
) -> ChangeReport:
    """Compare two API schemas. With operations, only what one of them uses can break; the rest is safe."""
    before: Schema = build_plain_schema(before_sdl, "before")
    after: Schema = build_plain_schema(after_sdl, "after")
    changes = compare_schemas(before, after)
    if operations is None:
        return ChangeReport(tuple(changes))
    schema = build_schema(before_sdl, assume_valid=True)
    used: dict[str, frozenset[str]] = {}
    unreadable: list[str] = []
    for operation in operations:
        document = _valid_document(schema, operation, unreadable)
        if document is not None:
            used[operation.name] = used_coordinates(schema, document)
    return ChangeReport(tuple(_limited_to(change, used) for change in changes), tuple(unreadable))


def _valid_document(schema: GraphQLSchema, operation: RecordedOperation, unreadable: list[str]) -> DocumentNode | None:
    try:
        document = parse(operation.text)
    except (GraphQLError, RecursionError) as problem:
        unreadable.append(f"{operation.name}: {getattr(problem, 'message', 'nested too deeply')}")
        return None
    problems = validate(schema, document)
    if problems:
        unreadable.append(f"{operation.name}: {problems[0].message}")
        return None
    return document


def _limited_to(change: Change, used: dict[str, frozenset[str]]) -> Change:
    using = tuple(name for name, coordinates in used.items() if change.coordinate in coordinates)
    if using or change.criticality is Criticality.SAFE:
        return replace(change, operations=using)
    message = f"{change.message} (no recorded operation uses it)"
    return replace(change, criticality=Criticality.SAFE, message=message)
