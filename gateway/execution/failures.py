"""What went wrong in fetches, told in the client's terms: tree keys become response keys, `_entities` indices become paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import TransportError
from ..planning.query_plan import ResponsePath
from .answer_selection import AnswerField, AnswerSelection
from .compiled_plan import CompiledFetch, CompiledInput
from .error_list import ClientPath, ErrorList, JsonObject
from .representations import Batch
from .response_tree import TreeObject, TreePath, located_objects_at
from .settings import ExecutionSettings

DEFAULT_CODE = "DOWNSTREAM_SERVICE_ERROR"
# Steps of a path: more than any answer has. All beginnings of a path are kept, so a subgraph's must not go on for ever.
MAX_PATH_STEPS = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """Either `error` (no GraphQL answer came) or the `errors` of an answer. `batches` are those of the fetch's inputs, in order."""

    fetch: CompiledFetch
    batches: tuple[Batch, ...]
    error: TransportError | None
    errors: tuple[Any, ...] = ()


class FailureReport:
    """Turns failures into errors of the answer. `selection` must hold all that the client asked for, deferred or not."""

    def __init__(self, tree: TreeObject, selection: AnswerSelection, settings: ExecutionSettings) -> None:
        self._tree = tree
        self._selection = selection
        self._settings = settings

    def report(self, failures: Iterable[Failure], errors: ErrorList) -> None:
        """Add all errors of `failures` to `errors`."""
        for failure in failures:
            if failure.error is not None:
                self._report_no_answer(failure, failure.error, errors)
            for error in failure.errors:
                if errors.is_full:
                    return
                self._report_error(failure, error if isinstance(error, dict) else {}, errors)

    def _report_no_answer(self, failure: Failure, error: TransportError, errors: ErrorList) -> None:
        message, extensions = self._shown(failure.fetch, error.message, {"code": error.code})
        has_path = False
        for path in self._paths_of_fetch(failure):
            has_path = True
            errors.add(message, path, extensions)
            if errors.is_full:
                return
        if not has_path:
            errors.add(message, None, extensions)

    def _report_error(self, failure: Failure, error: JsonObject, errors: ErrorList) -> None:
        text = error.get("message")
        given = error.get("extensions")
        extensions = {"code": DEFAULT_CODE, **(given if isinstance(given, dict) else {})}
        message, extensions = self._shown(
            failure.fetch, text if isinstance(text, str) else "Unknown error.", extensions
        )
        path = error.get("path")
        steps = tuple(path) if isinstance(path, list) and all(isinstance(s, str | int) for s in path) else ()
        has_path = False
        for client_path in self._paths_of_error(failure, steps):
            has_path = True
            errors.add(message, client_path, extensions)
            if errors.is_full:
                return
        if not has_path:
            errors.add(message, None, extensions)

    def _shown(self, fetch: CompiledFetch, message: str, extensions: JsonObject) -> tuple[str, JsonObject]:
        if self._settings.expose_subgraph_errors:
            return message, {**extensions, "serviceName": fetch.subgraph_name}
        return self._settings.masked_message, {"code": extensions.get("code", DEFAULT_CODE)}

    # -- paths --

    def _paths_of_error(self, failure: Failure, steps: TreePath) -> Iterator[ClientPath]:
        fetch = failure.fetch
        if not fetch.inputs:
            if steps:
                for _, place in located_objects_at(self._tree, fetch.node.root_path):
                    yield self._client_path((*place, *steps))
            return
        for entity_input, batch in zip(fetch.inputs, failure.batches, strict=True):
            if steps and steps[0] != entity_input.alias:
                continue
            slot = steps[1] if len(steps) > 1 else None
            for path in self._places_of(entity_input, batch, slot if isinstance(slot, int) else None):
                yield self._client_path((*path, *steps[2:]))

    def _paths_of_fetch(self, failure: Failure) -> Iterator[ClientPath]:
        """The paths of all fields that the fetch would have brought."""
        fetch = failure.fetch
        if not fetch.inputs:
            for _, place in located_objects_at(self._tree, fetch.node.root_path):
                yield from self._field_paths(place, fetch.keys)
            return
        for entity_input, batch in zip(fetch.inputs, failure.batches, strict=True):
            for place in self._places_of(entity_input, batch, None):
                yield from self._field_paths(place, entity_input.keys)

    def _field_paths(self, place: TreePath, keys: tuple[str, ...]) -> Iterator[ClientPath]:
        parent = self._client_path(place)
        has_field = False
        for key in keys:
            path = self._client_path((*place, key))
            if len(path) > len(parent):
                has_field = True
                yield path
        if not has_field and parent:
            # It would have brought only what other fetches need.
            yield parent

    def _places_of(self, entity_input: CompiledInput, batch: Batch, slot: int | None) -> Iterator[TreePath]:
        """Where the objects of one representation (or of all) lie in the tree."""
        wanted = {
            id(target) for target, own in zip(batch.targets, batch.slots, strict=True) if slot is None or own == slot
        }
        seen: set[ResponsePath] = set()
        for target in entity_input.targets:
            if target.path in seen:
                continue
            seen.add(target.path)
            for item, place in located_objects_at(self._tree, target.path):
                if id(item) in wanted:
                    yield place

    def _client_path(self, path: TreePath) -> ClientPath:
        """The path in response keys, cut off where it leaves what the client asked for."""
        found: list[str | int] = []
        selection: AnswerSelection | None = self._selection
        value: Any = self._tree
        for step in path[:MAX_PATH_STEPS]:
            if isinstance(step, int):
                found.append(step)
                value = value[step] if isinstance(value, list) and 0 <= step < len(value) else None
                continue
            field = _field_at(selection, step, value)
            if field is None:
                break
            found.append(field.response_key)
            selection = field.below
            value = value.get(step) if isinstance(value, dict) else None
        return tuple(found)


def _field_at(selection: AnswerSelection | None, key: str, value: Any) -> AnswerField | None:
    if selection is None:
        return None
    choices = [selection.fields] if selection.fields is not None else list(selection.fields_by_type.values())
    typename = value.get("__typename") if isinstance(value, dict) else None
    if isinstance(typename, str) and typename in selection.fields_by_type:
        choices = [selection.fields_by_type[typename]]
    for fields in choices:
        for field in fields or ():
            if field.tree_key == key and field.typename is None:
                return field
    return None
