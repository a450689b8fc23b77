"""`compose --jsonl`: many cases through one process, one JSON object a line in and out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO, TypeAlias

from ..composition import CompositionOptions, SubgraphDefinition, compose
from ..composition.compose import DEFAULT_MAX_VALIDATION_SUBGRAPH_PATHS
from ..composition.present import to_json

JsonObject: TypeAlias = dict[str, Any]


def compose_lines(lines: Iterable[str], output: TextIO) -> None:
    """Answer every line at once, whatever it holds: who asks waits for it."""
    for line in lines:
        if line.strip():
            print(json.dumps(_answer(line)), file=output, flush=True)


def _answer(line: str) -> JsonObject:
    try:
        case = json.loads(line)
        definitions = [SubgraphDefinition(str(it["name"]), str(it["url"]), str(it["sdl"])) for it in case["subgraphs"]]
        options = _options(case.get("options") or {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = 'A case is {"id", "subgraphs": [{"name", "url", "sdl"}], "options"?} in one line of JSON.'
        error = {"code": "INVALID_CASE", "message": message}
        return {"id": None, "supergraphSdl": None, "apiSdl": None, "errors": [error], "hints": []}
    return {"id": case.get("id"), **to_json(compose(definitions, options))}


def _options(given: JsonObject) -> CompositionOptions:
    max_paths = given.get("maxValidationSubgraphPaths", DEFAULT_MAX_VALIDATION_SUBGRAPH_PATHS)
    runs_satisfiability = given.get("runSatisfiability", True)
    return CompositionOptions(bool(runs_satisfiability), int(max_paths))
