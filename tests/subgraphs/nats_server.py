"""A NATS server that may be killed and comes back at the same port with what it stored."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

WAIT = 60.0  # seconds for a server to listen


class NatsServer:
    """Not started at first. Whoever makes one kills it in the end."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"nats://127.0.0.1:{port}"

    async def start(self) -> None:
        """Return when it listens."""
        program = str(Path(sys.executable).parent / "nats-server")
        address = ("-a", "127.0.0.1", "-p", str(self._port))
        self._process = await asyncio.create_subprocess_exec(
            program, *address, "-js", "-sd", str(self._folder), stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(WAIT):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """SIGKILL; no goodbye to anybody."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
