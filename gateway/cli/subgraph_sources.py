"""Where `compose` and `check` read subgraphs from: files, a TOML list, and running subgraphs by URL."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..composition import SubgraphDefinition
from ..errors import GatewayError

SDL_QUERY = b'{"query":"{ _service { sdl } }"}'
TIMEOUT = 10.0  # seconds until a subgraph must have told its SDL


class UnreadableSource(Exception):
    """A source cannot be read; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """One subgraph, before its SDL is read."""

    name: str
    url: str
    """Goes into the supergraph: where the gateway will find the subgraph."""
    sdl_file: Path | None
    """None: the URL is asked for the SDL."""


@dataclass(frozen=True, slots=True)
class ReadSubgraphs:
    definitions: list[SubgraphDefinition]
    files: dict[str, str]
    """The path of each subgraph's SDL, by subgraph name; for messages."""


def find_sources(arguments: Sequence[str], config: Path | None) -> list[SubgraphSource]:
    """The subgraphs that the command line names. Raises UnreadableSource."""
    sources = [*(_sources_of_toml(config) if config else ()), *(_source_of(argument) for argument in arguments)]
    if not sources:
        raise UnreadableSource("No subgraphs: name SDL files, URLs, or --config FILE.toml. See --help.")
    return sources


def _source_of(argument: str) -> SubgraphSource:
    name, separator, place = argument.partition("=")
    if not separator or "/" in name or "?" in name:
        name, place = "", argument
    if place.startswith(("http://", "https://")):
        return SubgraphSource(name or urlsplit(place).hostname or place, place, None)
    path = Path(place)
    return SubgraphSource(name or path.stem, f"http://{name or path.stem}/graphql", path)


def _sources_of_toml(path: Path) -> list[SubgraphSource]:
    try:
        entries = tomllib.loads(read_file(path)).get("subgraphs")
    except tomllib.TOMLDecodeError as problem:
        raise UnreadableSource(f"{path} is not TOML: {problem}.") from problem
    if not isinstance(entries, dict) or not entries:
        raise UnreadableSource(f'{path} lists no subgraphs: each is a table [subgraphs.NAME] with "url" and "sdl".')
    return [_source_of_entry(path, name, entry) for name, entry in entries.items()]


def _source_of_entry(path: Path, name: str, entry: object) -> SubgraphSource:
    where = f"{path}: [subgraphs.{name}]"
    if not isinstance(entry, dict):
        raise UnreadableSource(f'{where} must be a table with "url" and "sdl".')
    url, sdl = entry.get("url"), entry.get("sdl")
    if not isinstance(url, str) or not url:
        raise UnreadableSource(f'{where} needs "url", where the gateway finds the subgraph.')
    if sdl is not None and not isinstance(sdl, str):
        raise UnreadableSource(f'{where}: "sdl" is the path of a file; leave it out to ask the URL.')
    return SubgraphSource(name, url, path.parent / sdl if sdl else None)


def read_subgraphs(sources: Sequence[SubgraphSource]) -> ReadSubgraphs:
    """Read every SDL, the running subgraphs all at once. Raises UnreadableSource."""
    asked = [source for source in sources if source.sdl_file is None]
    told = asyncio.run(_ask_all(asked)) if asked else {}
    definitions, files = [], {}
    for source in sources:
        sdl = told[source] if source.sdl_file is None else read_file(source.sdl_file)
        definitions.append(SubgraphDefinition(source.name, source.url, sdl))
        files[source.name] = source.url if source.sdl_file is None else str(source.sdl_file)
    return ReadSubgraphs(definitions, files)


async def _ask_all(sources: Sequence[SubgraphSource]) -> dict[SubgraphSource, str]:
    return dict(zip(sources, await asyncio.gather(*(_ask(source) for source in sources)), strict=True))


async def _ask(source: SubgraphSource) -> str:
    # Composing files needs no network client.
    from ..transport import HttpTransport, SubgraphRequest

    try:
        transport = HttpTransport(source.name, source.url)
    except ValueError as problem:
        raise UnreadableSource(str(problem)) from problem
    try:
        response = await transport.execute(SubgraphRequest(source.name, SDL_QUERY, "query", timeout=TIMEOUT))
        return _sdl_in(source, bytes(response.body))
    except GatewayError as problem:
        raise UnreadableSource(f"Subgraph {source.name} at {source.url}: {problem.message}") from problem
    finally:
        await transport.aclose()


def _sdl_in(source: SubgraphSource, body: bytes) -> str:
    try:
        sdl = json.loads(body)["data"]["_service"]["sdl"]
    except (ValueError, KeyError, TypeError, RecursionError):
        sdl = None
    if isinstance(sdl, str):
        return sdl
    raise UnreadableSource(
        f"Subgraph {source.name} at {source.url} did not answer {{ _service {{ sdl }} }}: is it a subgraph, "
        "and may the SDL be asked for? An SDL file does as well."
    )


def read_file(path: Path) -> str:
    """The text of a file. Raises UnreadableSource."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        raise UnreadableSource(f"{path} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise UnreadableSource(f"{path} is not UTF-8 text.") from problem


def write_file(path: Path, text: str) -> None:
    """Replace what is in a file. Raises UnreadableSource."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UnreadableSource(f"{path} cannot be written: {problem.strerror}.") from problem
