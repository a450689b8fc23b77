"""`python -m gateway compose`: the SDL of subgraphs in, the SDL of the supergraph out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..composition import CompositionHint, CompositionOptions, CompositionResult, HintLevel, compose
from ..composition.present import print_github, print_json, print_text
from .compose_lines import compose_lines
from .subgraph_sources import SubgraphSource, UnreadableSource, find_sources, read_file, read_subgraphs, write_file

NOT_COMPOSED = 1  # exit code: the subgraphs do not compose, or the supergraph file is stale
UNREADABLE = 2  # exit code: wrong arguments, or a source that cannot be read
PROGRESS_AFTER = 1.0  # seconds; shorter work is done before anyone reads
WATCH_INTERVAL = 0.5  # seconds between looks at the files
ASK_INTERVAL = 5.0  # seconds between questions to running subgraphs

_EXAMPLES = """\b
Examples:
  python -m gateway compose users.graphql questions.graphql > supergraph.graphql
  python -m gateway compose users=schemas/u.graphql quiz=http://localhost:4002/graphql
  python -m gateway compose --config schema/supergraph.toml --output schema/supergraph.graphql
  python -m gateway compose --config schema/supergraph.toml --output schema/supergraph.graphql --check

\b
The TOML file lists subgraphs; without "sdl" the URL is asked for it:
  [subgraphs.users]
  url = "http://localhost:4001/graphql"
  sdl = "users.graphql"        # relative to the TOML file

\b
Exit codes: 0 composed; 1 the subgraphs do not compose, or --check found the file stale; 2 wrong
arguments or an unreadable source. Errors and hints go to stderr, the supergraph to stdout.
"""


class OutputFormat(StrEnum):
    text = "text"
    json = "json"
    github = "github"


class ShownHints(StrEnum):
    """Hints of this level and above are shown."""

    none = "none"
    warn = "warn"
    info = "info"
    debug = "debug"


_SHOWN_LEVELS: dict[ShownHints, frozenset[str]] = {
    ShownHints.none: frozenset(),
    ShownHints.warn: frozenset({"WARN"}),
    ShownHints.info: frozenset({"WARN", "INFO"}),
    ShownHints.debug: frozenset(level.name for level in HintLevel),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compose", epilog=_EXAMPLES)(compose_command)


def compose_command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="SDL files or URLs of running subgraphs, each plain or as NAME=FILE, NAME=URL.", metavar="SUBGRAPH..."
        ),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file that lists subgraphs.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the supergraph here instead of to stdout.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when --output would change.")] = False,
    api: Annotated[bool, typer.Option("--api", help="Print the API schema, as clients see it.")] = False,
    format: Annotated[OutputFormat, typer.Option(help="How errors and hints are told.")] = OutputFormat.text,
    hints: Annotated[ShownHints, typer.Option(help="The least level of hints to show.")] = ShownHints.warn,
    watch: Annotated[bool, typer.Option("--watch", help="Compose again whenever a source changes.")] = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Read cases {"id", "subgraphs"} from stdin, one a line; answer each with one.'),
    ] = False,
) -> None:
    """Compose subgraphs into a supergraph, or say precisely why they do not fit together."""
    if jsonl:
        compose_lines(sys.stdin, sys.stdout)
        return
    if check and output is None:
        _stop("--check needs --output FILE, the supergraph that should be current.")
    run = _Run(output, check, api, format, hints)
    try:
        found = find_sources(sources or (), config)
        if watch:
            _watch(found, config, lambda: run.compose_once(find_sources(sources or (), config)))
            return
        code = run.compose_once(found)
    except UnreadableSource as problem:
        _stop(str(problem))
    if code:
        raise typer.Exit(code)


class _Run:
    """One set of options; composes as often as asked."""

    def __init__(
        self, output: Path | None, is_check: bool, is_api: bool, format: OutputFormat, hints: ShownHints
    ) -> None:
        self._output = output
        self._is_check = is_check
        self._is_api = is_api
        self._format = format
        self._shown_levels = _SHOWN_LEVELS[hints]

    def compose_once(self, sources: list[SubgraphSource]) -> int:
        """Compose, tell, and return the exit code. Raises UnreadableSource."""
        read = read_subgraphs(sources)
        progress = Progress()
        result = compose(read.definitions, progress.options())
        progress.clear()
        shown = _with_hints(result, lambda hint: hint.level.name in self._shown_levels)
        text = result.api_sdl if self._is_api else result.supergraph_sdl
        if self._format is OutputFormat.json:
            typer.echo(print_json(shown, read.files))
        else:
            _tell(shown, self._format, read.files)
        if text is None:
            return NOT_COMPOSED
        return self._deliver(text.rstrip("\n") + "\n")

    def _deliver(self, text: str) -> int:
        if self._output is None:
            if self._format is not OutputFormat.json:
                typer.echo(text, nl=False)
            return 0
        current = read_file(self._output) if self._output.exists() else None
        if self._is_check:
            if current == text:
                return 0
            self._tell_stale()
            return NOT_COMPOSED
        if current != text:
            write_file(self._output, text)
        return 0

    def _tell_stale(self) -> None:
        message = f"{self._output} is not what its subgraphs compose to: compose it again and commit the result."
        if self._format is OutputFormat.github:
            typer.echo(f"::error file={self._output},title=STALE_SUPERGRAPH::{message}")
        else:
            typer.echo(message, err=True)


def _with_hints(result: CompositionResult, is_shown: Callable[[CompositionHint], bool]) -> CompositionResult:
    shown = tuple(hint for hint in result.hints if is_shown(hint))
    return CompositionResult(result.supergraph_sdl, result.api_sdl, result.errors, shown, result.sources)


def _tell(result: CompositionResult, format: OutputFormat, files: dict[str, str]) -> None:
    if not result.errors and not result.hints:
        return
    if format is OutputFormat.github:
        # Only stdout is read for annotations.
        typer.echo(print_github(result, files))
        return
    typer.echo(print_text(result, files, colors=sys.stderr.isatty()), err=True)
    if result.errors:
        count = len(result.errors)
        typer.echo(f"\nNot composed: {count} error{'s' if count > 1 else ''}.", err=True)


class Progress:
    """Says on a terminal how far long work is."""

    def __init__(self) -> None:
        self._started = self._told = time.monotonic()
        self._is_shown = sys.stderr.isatty()
        self._has_told = False

    def options(self) -> CompositionOptions:
        """Options of composition that report here."""
        return CompositionOptions(on_progress=self.tell)

    def tell(self, step: str, done: int, total: int) -> None:
        """Overwrite the line with the step and its share, a few times a second."""
        now = time.monotonic()
        if not self._is_shown or now - self._started < PROGRESS_AFTER or now - self._told < 0.1:
            return
        self._told, self._has_told = now, True
        print(f"\r\033[K{step} {done}/{total}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the line."""
        if self._has_told:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _watch(sources: list[SubgraphSource], config: Path | None, compose_again: Callable[[], int]) -> None:
    files = [source.sdl_file for source in sources if source.sdl_file is not None]
    files += [config] if config else []
    interval = WATCH_INTERVAL if len(files) >= len(sources) else ASK_INTERVAL
    seen: object = None
    try:
        while True:
            now = _stamps(files)
            if now != seen or interval == ASK_INTERVAL:
                _compose_and_say(compose_again, says_so=now != seen)
            seen = now
            time.sleep(interval)
    except KeyboardInterrupt:
        return


def _compose_and_say(compose_again: Callable[[], int], says_so: bool) -> None:
    started = time.monotonic()
    try:
        code = compose_again()
    except UnreadableSource as problem:
        # Editors replace files: the next look may find it again.
        typer.echo(str(problem), err=True)
        return
    if code == 0 and says_so:
        typer.echo(f"Composed in {time.monotonic() - started:.2f} s; watching for changes.", err=True)


def _stamps(files: list[Path]) -> list[tuple[int, int] | None]:
    return [_stamp(file) for file in files]


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _stop(message: str) -> None:
    typer.echo(f"gateway compose: {message}", err=True)
    raise typer.Exit(UNREADABLE)
