"""Siblings: the workers behind one port ask each other what only all of them together know.

Each worker listens on a Unix socket in a folder that all of them know, and answers one question per connection.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import structlog

logger = structlog.get_logger("gateway")

# Seconds for the answer of another worker; one that is busy for longer is left out this time.
ANSWER_TIMEOUT = 2.0
_SUFFIX = ".worker"

Answers: TypeAlias = Mapping[str, Callable[[Any], Any]]
"""By the name of the question: from its argument to the answer, both JSON values."""


class Siblings:
    """A service of one worker: `async with` lets the others ask it."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self._folder = folder
        self._answers = answers
        self._own_path = folder / f"{os.getpid()}{_SUFFIX}"
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Siblings:
        self._server = await asyncio.start_unix_server(self._answer, self._own_path)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.to_thread(self._own_path.unlink, missing_ok=True)

    async def ask_all(self, question: str, argument: Any = None) -> list[Any]:
        """Return the answers of this worker, first, and of all others that answer in time."""
        others = [path for path in self._folder.glob(f"*{_SUFFIX}") if path != self._own_path]
        body = orjson.dumps([question, argument])
        answers = await asyncio.gather(*(self._ask(path, body) for path in others))
        return [self._answers[question](argument), *(it for it in answers if it is not None)]

    async def _ask(self, path: Path, question: bytes) -> Any:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                reader, writer = await asyncio.open_unix_connection(path)
                try:
                    writer.write(question)
                    writer.write_eof()
                    return orjson.loads(await reader.read())
                finally:
                    writer.close()
        except ConnectionRefusedError:
            await asyncio.to_thread(path.unlink, missing_ok=True)  # of a worker that was killed
        except (OSError, TimeoutError, orjson.JSONDecodeError) as error:
            logger.warning("worker.silent", worker=path.stem, problem=str(error) or type(error).__name__)
        return None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question, argument = orjson.loads(await reader.read())
        writer.write(orjson.dumps(self._answers[question](argument)))
        writer.close()
