"""Where the supergraph comes from: a file with its SDL, or a list of subgraphs that is composed here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson

from ..errors import CompositionFailed
from .settings import Settings
from .settings_file import InvalidSettings


@dataclass(frozen=True, slots=True)
class ListedSubgraph:
    """One entry of a list of subgraphs; without a file its SDL is asked for."""

    name: str
    url: str
    sdl_file: Path | None


class SupergraphSource(Protocol):
    """Gives the SDL as it is now, and the files of which a change means that it may be another."""

    def read(self) -> str | None:
        """Return the supergraph SDL; None when only the subgraphs themselves can tell. Raises GatewayError."""
        ...

    def files(self) -> list[Path]:
        """Return the files to watch."""
        ...

    def subgraphs(self) -> list[ListedSubgraph]:
        """Return the subgraphs that can be asked for their SDL; none when the supergraph was composed elsewhere."""
        ...


@dataclass(frozen=True, slots=True)
class SupergraphFile:
    """A supergraph that was composed before."""

    path: Path

    def read(self) -> str:
        """Return the file's text."""
        return read_text(self.path, "supergraph")

    def files(self) -> list[Path]:
        """Return the one file."""
        return [self.path]

    def subgraphs(self) -> list[ListedSubgraph]:
        """Return none."""
        return []


@dataclass(frozen=True, slots=True)
class SubgraphListFile:
    """A JSON file [{"name", "url", "sdl": path}]; relative paths start at the list's own folder."""

    path: Path
    is_polled: bool = False
    """Whether subgraphs without a file may be asked."""

    def read(self) -> str | None:
        """Compose what the list names; None when an SDL has no file."""
        listed = self.subgraphs()
        definitions = [
            (it.name, it.url, read_text(it.sdl_file, f"SDL of subgraph {it.name}"))
            for it in listed
            if it.sdl_file is not None
        ]
        return composed(definitions) if len(definitions) == len(listed) else None

    def files(self) -> list[Path]:
        """Return the list and every SDL in it."""
        try:
            return [self.path, *(it.sdl_file for it in self.subgraphs() if it.sdl_file is not None)]
        except InvalidSettings:
            return [self.path]

    def subgraphs(self) -> list[ListedSubgraph]:
        """Return the list, checked. Raises InvalidSettings."""
        try:
            entries = orjson.loads(read_text(self.path, "list of subgraphs"))
        except orjson.JSONDecodeError as error:
            raise InvalidSettings(f"{self.path} is not JSON: {error}.") from error
        if not isinstance(entries, list) or not entries:
            raise InvalidSettings(
                f'{self.path} must be a JSON list of {{"name", "url", "sdl"}}, one for each subgraph.'
            )
        return [self._listed(number, entry) for number, entry in enumerate(entries)]

    def _listed(self, number: int, entry: object) -> ListedSubgraph:
        required = ("name", "url") if self.is_polled else ("name", "url", "sdl")
        if not isinstance(entry, dict):
            raise InvalidSettings(f"{self.path}: entry {number} must be an object with 'name', 'url' and 'sdl'.")
        for key in required:
            if not isinstance(entry.get(key), str) or not entry[key]:
                raise InvalidSettings(f"{self.path}: entry {number} needs '{key}', a string that is not empty.")
        sdl = entry.get("sdl")
        return ListedSubgraph(entry["name"], entry["url"], self.path.parent / sdl if sdl else None)


def composed(subgraphs: Iterable[tuple[str, str, str]]) -> str:
    """Return the supergraph SDL of subgraphs given as name, URL and SDL. Raises CompositionFailed with every error in its message."""
    # Composition takes a quarter of a second to import, and a gateway with a finished supergraph has no use for it.
    from ..composition import SubgraphDefinition, compose

    result = compose([SubgraphDefinition(*subgraph) for subgraph in subgraphs])
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
    return SubgraphListFile(Path(settings.subgraphs_file), is_polled=settings.reload.poll_interval > 0)


def read_text(path: Path, what: str) -> str:
    """Return a file's text. Raises InvalidSettings."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidSettings(f"The {what} file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidSettings(f"The {what} file {path} is not UTF-8.") from error
