"""Print a journey as a readable transcript: who did what, what came of it, and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

NARRATOR = ""


@dataclass(slots=True)
class Step:
    """One step while it runs; `result` is what will be printed behind it."""

    result: str = ""


@dataclass(slots=True)
class Transcript:
    """Writes one line per step and remembers how long each took, in seconds."""

    out: TextIO = sys.stdout
    seconds: dict[str, float] = field(default_factory=dict)

    def heading(self, text: str) -> None:
        print(f"\n{self._paint(text, 1)}", file=self.out)

    @contextmanager
    def step(self, who: str, what: str) -> Iterator[Step]:
        """Time the block; a failure is printed with the step it happened in, and raised again."""
        step = Step()
        started = time.perf_counter()
        try:
            yield step
        except BaseException as error:
            print(f"  {self._paint('fail', 31)}  {who:<6} {what}: {type(error).__name__}: {error}", file=self.out)
            raise
        elapsed = time.perf_counter() - started
        self.seconds[f"{who} {what}".strip()] = elapsed
        shown = f"{what}" + (f" -> {step.result}" if step.result else "")
        print(f"  {self._paint('ok', 32)}  {elapsed * 1000:7.1f} ms  {who:<6} {shown}", file=self.out, flush=True)

    def _paint(self, text: str, color: int) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self.out.isatty() else text
