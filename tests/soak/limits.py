"""R3 and R8: what an operation at the limits costs before it is refused, or validated."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from graphql import parse, validate

from gateway.server.limits import OperationLimits
from gateway.server.refusals import LimitExceeded
from gateway.server.settings_safety import LimitSettings
from gateway.supergraph import supergraph_from_sdl

from .report import Row
from .stage import ROOT

REFUSED = 0.020  # seconds
VALIDATED = 0.050  # seconds
TRIES = 5


async def run(minutes: float) -> list[Row]:
    """Take the best of some tries: others use the machine, too. `minutes` changes nothing here."""
    limits = OperationLimits(LimitSettings())
    supergraph = supergraph_from_sdl(_read(ROOT / "bench" / "gateway" / "supergraph.graphql"))
    tokens = "{" + "a " * 7_400 + "}"
    fragments = " ".join(f"fragment F{n} on Q {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(30))
    multiplied = f"{{ ...F0 }} {fragments} fragment F30 on Q {{ a }}"
    duplicates = "{ topProducts { " + "upc " * 101 + "__typename " * 30 + "} }"

    def refuse(text: str) -> None:
        try:
            limits.check_text(text)
            limits.check_document(parse(text))
        except LimitExceeded:
            return
        raise AssertionError("within the limits")

    def accept() -> None:
        limits.check_text(duplicates)
        document = parse(duplicates)
        limits.check_document(document)
        assert not validate(supergraph.api_schema, document)

    return [
        _row("R3", "15 000 characters of tokens are refused", lambda: refuse(tokens), REFUSED),
        _row("R8", "fragments that multiply to 2^30 fields are refused", lambda: refuse(multiplied), REFUSED * 10),
        _row("R8", "as many duplicate fields as are allowed are validated", accept, VALIDATED),
    ]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _row(number: str, what: str, work: Callable[[], None], bound: float) -> Row:
    seconds = min(_timed(work) for _ in range(TRIES))
    return Row(number, f"{what} in {bound * 1000:.0f} ms", f"{seconds * 1000:.1f} ms", seconds <= bound)


def _timed(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
