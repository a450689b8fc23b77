"""The runner process: check the sandbox, take jobs over a socket, run them in turn in a few slots, answer.

One JSON object per line, both ways: {"id", "secret", "ask": "toolchains" | "run", "job"} -> {"id", "toolchains" | "result" | "refused"}.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from .fair_queue import FairQueue, QueueFull
from .jobs import Job, JobResult
from .languages import known_languages
from .sandbox import Sandbox, SandboxMissing
from .self_test import SandboxBroken, check_sandbox, version_of
from .slots import SLOTS_PER_WORKER, SlotPool, make_slots, remove_stale_folders
from .supervise import carry_out

logger = structlog.get_logger(__name__)

MAX_LINE = 4 * 1024 * 1024  # bytes of one request
MAX_WAITING = 100
MAX_PER_PERSON = 4


@dataclass(slots=True)
class _Waiting:
    job: Job
    done: asyncio.Future[JobResult]


class RunnerServer:
    """Runs jobs for whoever knows the secret. Without a working sandbox it answers, but refuses every job and says why."""

    def __init__(self, *, workers: int, languages: Sequence[str], secret: str) -> None:
        self._languages = known_languages(languages)
        self._secret = secret
        self._workers = workers
        self._slots = make_slots(workers * SLOTS_PER_WORKER)
        self._queue: FairQueue[_Waiting] = FairQueue(MAX_WAITING, MAX_PER_PERSON)
        self._sandbox: Sandbox | None = None
        self._versions: dict[str, str] = {}
        self.reason = "the runner has just started"
        """Why nothing can be run; empty when it can."""

    async def prepare(self) -> None:
        """Find the sandbox, test it, see which languages start in it."""
        slot = self._slots[0]
        remove_stale_folders()
        try:
            sandbox = Sandbox.find()
            await check_sandbox(sandbox, slot)
            for support in self._languages:
                version = await version_of(sandbox, slot, support) if support.is_installed else None
                if version is not None:
                    self._versions[support.name] = version
        except (SandboxMissing, SandboxBroken, OSError) as error:
            self.reason = str(error)
            logger.error("runner.refuses", reason=self.reason)
            return
        self._sandbox, self.reason = sandbox, ""
        logger.info("runner.ready", limits=slot.group.kind, workers=self._workers, languages=self._versions)

    async def serve(self, *, path: Path | None = None, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve on a unix socket, or on TCP, until cancelled."""
        if path is not None:
            server = await asyncio.start_unix_server(self._talk, path, limit=MAX_LINE)
            os.chmod(path, 0o600)
        else:
            server = await asyncio.start_server(self._talk, host, port, limit=MAX_LINE)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._prepare_and_work())
                tasks.create_task(server.serve_forever())
        finally:
            server.close()
            for slot in self._slots:
                await slot.aclose()

    async def _prepare_and_work(self) -> None:
        await self.prepare()
        if self._sandbox is None:
            return
        pool = SlotPool(self._sandbox, self._slots)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self._workers):
                    tasks.create_task(self._work(self._sandbox, pool))
        finally:
            await pool.aclose()

    async def _work(self, sandbox: Sandbox, pool: SlotPool) -> None:
        while True:
            waiting = await self._queue.get()
            if waiting.done.done():
                continue
            try:
                async with pool.slot() as slot:
                    result = await carry_out(sandbox, slot, waiting.job, pool.slot)
            except Exception as error:
                logger.exception("runner.job_failed", language=waiting.job.language)
                if not waiting.done.done():
                    waiting.done.set_exception(RuntimeError(str(error)))
                continue
            if not waiting.done.done():
                waiting.done.set_result(result)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers: set[asyncio.Task[None]] = set()
        try:
            while line := await reader.readline():
                task = asyncio.create_task(self._answer(line, writer))
                answers.add(task)
                task.add_done_callback(answers.discard)
        except (ConnectionError, ValueError):
            pass  # the line was too long, or the other side is gone: there is nobody to tell
        finally:
            # Whoever asked is gone, and with him the wish for an answer.
            for task in answers:
                task.cancel()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        request: dict[str, Any] = {}
        try:
            request = orjson.loads(line)
            if not hmac.compare_digest(str(request.get("secret", "")), self._secret):
                answer: dict[str, Any] = {"refused": "the secret is wrong"}
            elif request.get("ask") == "toolchains":
                answer = {"toolchains": self._versions, "reason": self.reason}
            else:
                answer = await self._run(Job.from_json(request["job"]))
        except (KeyError, TypeError, ValueError) as error:
            answer = {"refused": f"the request is not understood: {error}"}
        writer.write(orjson.dumps({"id": request.get("id"), **answer}) + b"\n")
        with suppress(ConnectionError):
            await writer.drain()

    async def _run(self, job: Job) -> dict[str, Any]:
        if self.reason:
            return {"refused": self.reason}
        if job.language not in self._versions:
            return {"refused": f"{job.language} cannot be run here"}
        waiting = _Waiting(job, asyncio.get_running_loop().create_future())
        try:
            self._queue.put(job.user, waiting)
            return {"result": (await waiting.done).to_json()}
        except QueueFull as error:
            return {"refused": str(error)}
        except RuntimeError as error:
            return {"refused": f"the runner failed: {error}"}
        finally:
            waiting.done.cancel()
