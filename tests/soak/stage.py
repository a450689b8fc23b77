"""The stage of the soak runs: four subgraphs and a live one as processes of their own, and a gateway in front of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import psutil

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "bench" / "gateway" / "schema"
SUBGRAPHS = ("accounts", "inventory", "products", "reviews")
LIVE = "live"
START_TIMEOUT = 240.0  # seconds; on a busy machine
LIVE_SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { now: Float! }
type Subscription { ticks(every: Float! = 0.1, room: String! = ""): Int! }
"""


@dataclass(slots=True)
class Stage:
    """What runs, by name, and where."""

    folder: Path
    gateway_port: int
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def gateway(self) -> psutil.Process:
        """The gateway's process."""
        return psutil.Process(self.processes["gateway"].pid)

    def start(self, name: str) -> None:
        """Start a subgraph, the first time or again."""
        module = "tests.soak.live_subgraph" if name == LIVE else "bench.gateway.subgraphs"
        self._spawn(name, [sys.executable, "-m", module, str(self.ports[name])])

    def start_gateway(self, settings: Mapping[str, Any], ports: Mapping[str, int]) -> None:
        """Start the gateway in front of the subgraphs at these ports (a proxy's, for instance)."""
        listed = []
        for name in (*SUBGRAPHS, LIVE):
            sdl = LIVE_SDL if name == LIVE else (SCHEMAS / f"{name}.graphql").read_text(encoding="utf-8")
            (self.folder / f"{name}.graphql").write_text(sdl)
            path = "graphql" if name == LIVE else name
            url = f"http://127.0.0.1:{ports.get(name, self.ports[name])}/{path}"
            listed.append({"name": name, "url": url, "sdl": f"{name}.graphql"})
        (self.folder / "subgraphs.json").write_bytes(orjson.dumps(listed))
        environment = {f"GATEWAY_{name}": str(value) for name, value in settings.items()}
        command = [sys.executable, "-m", "gateway", "serve", "--subgraphs", "subgraphs.json"]
        self._spawn("gateway", command, PORT=str(self.gateway_port), **environment)

    def send_signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process of the stage; after SIGKILL it is gone."""
        self.processes[name].send_signal(number)
        if number is signal.SIGKILL:
            self.processes.pop(name).wait(10)

    async def metric(self, line_start: str) -> float:
        """The sum of the gateway's metrics whose lines start so."""
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{self.gateway_port}/metrics") as answer,
        ):
            text = await answer.text()
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(line_start))

    async def wait_until_ready(self) -> None:
        """Return when gateway and subgraphs take connections."""
        deadline = time.monotonic() + START_TIMEOUT
        for port in (*self.ports.values(), self.gateway_port):
            while not await _is_open(port):
                if time.monotonic() > deadline:
                    logs = "".join(it.read_text() for it in self.folder.glob("*.log"))
                    raise TimeoutError(f"Nothing listens on {port}:\n{logs[-3_000:]}")
                await asyncio.sleep(0.05)

    def stop(self) -> None:
        """End all processes."""
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
        for process in self.processes.values():
            process.wait(10)

    def _spawn(self, name: str, command: list[str], **environment: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**_clean_environment(), **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                # With their parent they end, too, even if that is killed.
                preexec_fn=_end_with_parent,
            )


@contextlib.asynccontextmanager
async def stage(
    *, settings: Mapping[str, Any] | None = None, ports: Mapping[str, int] | None = None
) -> AsyncIterator[Stage]:
    """Start everything, and end everything with the block. `ports` may put something in between by subgraph name."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, _free_ports(6) as free:
        own = dict(zip((*SUBGRAPHS, LIVE), free[1:], strict=True))
        running = Stage(Path(folder), free[0], own)
        try:
            for name in own:
                running.start(name)
            running.start_gateway({"TELEMETRY__ACCESS_LOG": "false", **(settings or {})}, ports or {})
            await running.wait_until_ready()
            yield running
        finally:
            running.stop()


@contextlib.contextmanager
def _free_ports(count: int) -> Iterator[list[int]]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    yield ports


async def _is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def _end_with_parent() -> None:
    import ctypes

    # PR_SET_PDEATHSIG; where there is no such thing (not Linux) the block's end has to do.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
