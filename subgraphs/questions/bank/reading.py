"""Read one YAML or JSON file of the author format into plain data, or say where its syntax is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from .errors import Problem
from .type_language import JsonValue, unstorable_text

MAX_FILE_BYTES = (
    1_000_000  # the largest question of the bank has 30 kB; a test case that needs more wants to be generated
)
SUFFIXES = (".yaml", ".yml", ".json")


class UnreadableFile(Exception):
    """Raised when a file is not YAML or JSON of the plain kind; carries the Problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read_data(path: Path) -> JsonValue:
    """The file's content as dicts, lists and scalars. Raises UnreadableFile."""
    name = str(path)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableFile(Problem(name, "", f"has {size} bytes", f"at most {MAX_FILE_BYTES} bytes"))
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            Problem(name, "", f"is not UTF-8 at byte {error.start}", "a file saved as UTF-8")
        ) from error
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise UnreadableFile(Problem(name, "", reason, "a file that exists and is readable")) from error
    data = _read_json(name, text) if path.suffix == ".json" else _read_yaml(name, text)
    place = unstorable_text(data)
    if place:
        right = "text that a database can store"
        raise UnreadableFile(Problem(name, place.lstrip("."), "has a NUL or half a surrogate pair in it", right))
    return data


def _read_json(name: str, text: str) -> JsonValue:
    def refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise UnreadableFile(Problem(name, twice, "is given twice in one object", "each key once"))
        return result

    try:
        return json.loads(text, object_pairs_hook=refuse_duplicates)
    except json.JSONDecodeError as error:
        wrong = f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise UnreadableFile(Problem(name, "", wrong, "a valid JSON document")) from error
    except ValueError as error:
        raise UnreadableFile(
            Problem(name, "", f"has a number that cannot be read: {error}", "shorter numbers")
        ) from error
    except RecursionError as error:
        raise UnreadableFile(
            Problem(name, "", "is nested too deeply", "a question as the JSON Schema describes it")
        ) from error


def _read_yaml(name: str, text: str) -> JsonValue:
    try:
        return yaml.load(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        wrong = f"is not plain YAML: {error.problem or error.context}{place}"
        raise UnreadableFile(Problem(name, "", wrong, "valid YAML without aliases, tags or repeated keys")) from error
    except yaml.YAMLError as error:
        raise UnreadableFile(Problem(name, "", f"is not YAML: {error}", "a valid YAML document")) from error
    except (RecursionError, ValueError) as error:
        raise UnreadableFile(
            Problem(name, "", f"is not YAML: {error}", "a question as the JSON Schema describes it")
        ) from error


_SafeLoader: Any = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the C loader, where PyYAML was built with it, is 8 times faster


class _PlainLoader(_SafeLoader):  # type: ignore[misc]
    """YAML without the parts that surprise: aliases (can explode), repeated keys (the last would win), dates."""

    def get_single_data(self) -> Any:
        root = self.get_single_node()
        if root is None:
            return None
        _refuse_surprises(root)
        return self.construct_document(root)


def _refuse_surprises(root: yaml.Node) -> None:
    """An alias shows as a node that is met twice; nothing is expanded before it is found."""
    seen: set[int] = set()
    waiting: list[yaml.Node] = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise yaml.MarkedYAMLError(problem="an alias is not allowed", problem_mark=node.start_mark)
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            _refuse_repeated_keys(node)
            waiting += [part for pair in node.value for part in pair]


def _refuse_repeated_keys(node: yaml.MappingNode) -> None:
    keys: set[str] = set()
    for key, _ in node.value:
        if str(key.value) in keys:
            raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} is repeated", problem_mark=key.start_mark)
        keys.add(str(key.value))


# 2024-01-01 stays the text that was written: JSON has no dates.
_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
