"""Show the outcome of composition: as text for people, as JSON for programs, as annotations for pull requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from graphql import Node

from .advice import ERROR_ADVICE, HINT_ADVICE
from .compose import CompositionResult
from .errors import CompositionError
from .hints import CompositionHint
from .locations import SourceLocation, caret_block, location_of

JsonObject: TypeAlias = dict[str, Any]

MAX_PLACES = 6  # shown per error; an element that fifty subgraphs declare would fill the screen

_BOLD, _RED, _YELLOW, _CYAN, _RESET = "\033[1m", "\033[31m", "\033[33m", "\033[36m", "\033[0m"


def print_text(result: CompositionResult, files: Mapping[str, str], *, colors: bool = False) -> str:
    """Every error and hint with its code, sentence, places with carets, and advice. `files`: path of each subgraph's SDL."""
    blocks = [
        _block(found, "error", ERROR_ADVICE[found.code], files, _RED if colors else "") for found in result.errors
    ]
    for hint in result.hints:
        kind = f"hint {hint.level.name}"
        blocks.append(_block(hint, kind, HINT_ADVICE[hint.code], files, _YELLOW if colors else ""))
    return "\n\n".join(blocks)


def _block(
    found: CompositionError | CompositionHint, kind: str, advice: str, files: Mapping[str, str], color: str
) -> str:
    bold, cyan, reset = (_BOLD, _CYAN, _RESET) if color else ("", "", "")
    lines = [f"{color}{bold}{kind} {found.code}{reset}: {found.message}"]
    places = places_of(found.nodes)
    lines += [caret_block(place, files.get(place.subgraph)) for place in places[:MAX_PLACES]]
    if len(places) > MAX_PLACES:
        lines.append(f"  ... and {len(places) - MAX_PLACES} more places")
    lines.append(f"  {cyan}= {advice}{reset}")
    return "\n".join(lines)


def places_of(nodes: Iterable[Node]) -> list[SourceLocation]:
    """The distinct places, in order."""
    found = (location_of(node) for node in nodes)
    return list(dict.fromkeys(place for place in found if place is not None))


def to_json(result: CompositionResult, files: Mapping[str, str] | None = None) -> JsonObject:
    """`supergraphSdl`, `apiSdl`, `errors` and `hints`; lines and columns count from 1."""
    return {
        "supergraphSdl": result.supergraph_sdl,
        "apiSdl": result.api_sdl,
        "errors": [
            {"code": found.code, "message": found.message, **_details(found, ERROR_ADVICE[found.code], files or {})}
            for found in result.errors
        ],
        "hints": [
            {
                "code": hint.code,
                "level": hint.level.name,
                "message": hint.message,
                "coordinate": hint.coordinate,
                **_details(hint, HINT_ADVICE[hint.code], files or {}),
            }
            for hint in result.hints
        ],
    }


def _details(found: CompositionError | CompositionHint, advice: str, files: Mapping[str, str]) -> JsonObject:
    places = places_of(found.nodes)
    subgraphs = [found.subgraph] if isinstance(found, CompositionError) and found.subgraph else []
    subgraphs = list(dict.fromkeys([*subgraphs, *(place.subgraph for place in places)]))
    return {
        "advice": advice,
        "subgraphs": subgraphs,
        "locations": [
            {
                "subgraph": place.subgraph,
                "file": files.get(place.subgraph),
                "line": place.line,
                "column": place.column,
                "text": place.text,
            }
            for place in places
        ],
    }


def print_github(result: CompositionResult, files: Mapping[str, str]) -> str:
    """Workflow commands that GitHub turns into annotations, one per error or hint, at its first place."""
    lines = [
        _annotation("error", found.code, found.message, ERROR_ADVICE[found.code], found.nodes, files)
        for found in result.errors
    ]
    for hint in result.hints:
        level = "warning" if hint.level.name == "WARN" else "notice"
        lines.append(_annotation(level, hint.code, hint.message, HINT_ADVICE[hint.code], hint.nodes, files))
    return "\n".join(lines)


def _annotation(
    level: str, code: str, message: str, advice: str, nodes: Iterable[Node], files: Mapping[str, str]
) -> str:
    properties = {"title": code}
    place = next(iter(places_of(nodes)), None)
    if place is not None:
        properties["file"] = files.get(place.subgraph, place.subgraph)
        properties["line"] = str(place.line)
        properties["col"] = str(place.column)
        properties["endLine"] = str(place.end_line)
    printed = ",".join(f"{name}={_escape(value, ',:')}" for name, value in properties.items())
    return f"::{level} {printed}::{_escape(f'{message}{chr(10)}{advice}')}"


def _escape(text: str, extra: str = "") -> str:
    for char in "%\r\n" + extra:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def print_json(result: CompositionResult, files: Mapping[str, str] | None = None) -> str:
    return json.dumps(to_json(result, files), ensure_ascii=False)
