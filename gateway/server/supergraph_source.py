"""Where the supergraph comes from: a file with its SDL, or a list of subgraphs that is composed here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from ..composition import SubgraphDefinition, compose
from ..errors import CompositionFailed
from .settings import Settings
from .settings_file import InvalidSettings


class SupergraphSource(Protocol):
    """Gives the SDL as it is now, and the files of which a change means that it may be another."""

    def read(self) -> str:
        """Return the supergraph SDL. Raises GatewayError."""
        ...

    def files(self) -> list[Path]:
        """Return the files to watch."""
        ...


@dataclass(frozen=True, slots=True)
class SupergraphFile:
    """A supergraph that was composed before."""

    path: Path

    def read(self) -> str:
        """Return the file's text."""
        return _read_text(self.path, "supergraph")

    def files(self) -> list[Path]:
        """Return the one file."""
        return [self.path]


@dataclass(frozen=True, slots=True)
class SubgraphListFile:
    """A JSON file [{"name", "url", "sdl": path}]; relative paths start at the list's own folder."""

    path: Path

    def read(self) -> str:
        """Compose what the list names."""
        return composed(
            [SubgraphDefinition(it["name"], it["url"], _read_text(it["sdl"], "SDL")) for it in self.entries()]
        )

    def files(self) -> list[Path]:
        """Return the list and every SDL in it."""
        try:
            return [self.path, *(entry["sdl"] for entry in self.entries())]
        except InvalidSettings:
            return [self.path]

    def entries(self) -> list[dict[str, Any]]:
        """Return the list, checked, `sdl` as a Path. Raises InvalidSettings."""
        try:
            entries = orjson.loads(_read_text(self.path, "list of subgraphs"))
        except orjson.JSONDecodeError as error:
            raise InvalidSettings(f"{self.path} is not JSON: {error}.") from error
        if not isinstance(entries, list) or not entries:
            raise InvalidSettings(
                f'{self.path} must be a JSON list of {{"name", "url", "sdl"}}, one for each subgraph.'
            )
        for number, entry in enumerate(entries):
            for key in ("name", "url", "sdl"):
                if not isinstance(entry, dict) or not isinstance(entry.get(key), str) or not entry[key]:
                    raise InvalidSettings(f"{self.path}: entry {number} needs '{key}', a string that is not empty.")
        return [{**entry, "sdl": self.path.parent / entry["sdl"]} for entry in entries]


def composed(subgraphs: list[SubgraphDefinition]) -> str:
    """Return the supergraph SDL of these subgraphs. Raises CompositionFailed with every error in its message."""
    result = compose(subgraphs)
    if result.supergraph_sdl is None:
        lines = [f"[{error.code}] {error.message}" for error in result.errors]
        raise CompositionFailed("The subgraphs do not compose: " + "; ".join(lines))
    return result.supergraph_sdl


def source_from_settings(settings: Settings) -> SupergraphSource:
    """Return the source that the settings name. Raises InvalidSettings when there is none, or two."""
    if (settings.supergraph is None) == (settings.subgraphs_file is None):
        raise InvalidSettings(
            "Name one source of the supergraph: --supergraph FILE (or `supergraph` in gateway.toml), or --subgraphs "
            "FILE.json (or `subgraphs_file`)."
        )
    if settings.supergraph is not None:
        return SupergraphFile(Path(settings.supergraph))
    assert settings.subgraphs_file is not None
    return SubgraphListFile(Path(settings.subgraphs_file))


def _read_text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidSettings(f"The {what} file {path} cannot be read: {error.strerror}.") from error
