"""The whole system as `./just up` starts it: real processes, a real PostgreSQL, on free ports, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.ports import free_block

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 400.0  # seconds; on a busy machine of two cores
STOP_TIMEOUT = 60.0


@dataclass(slots=True)
class RunningUp:
    """A `python -m deploy.local up` with what it has printed so far."""

    process: subprocess.Popen[str]
    first_port: int
    lines: list[str] = field(default_factory=list)

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.first_port}"

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while "Tandem is up" not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"up did not come up (status {self.process.poll()}):\n{self.output}")
            time.sleep(0.1)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_TIMEOUT)


@contextlib.contextmanager
def up(data_folder: Path, first_port: int, *options: str, **environment: str) -> Iterator[RunningUp]:
    """Start the system; it is stopped with the block, whatever happens."""
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "deploy.local", "up"),
            *("--first-port", str(first_port), "--data", str(data_folder), *options),
        ],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = RunningUp(process, first_port)
    reader = threading.Thread(target=running.read, daemon=True)
    reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
        reader.join(5)


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own user may reach: not below pytest's, which every run closes to others when it starts."""
    with tempfile.TemporaryDirectory(prefix="tandem-system-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


@pytest.fixture(scope="session")
def system(data_folder: Path) -> Iterator[RunningUp]:
    """The running system that the tests of this folder share."""
    with up(data_folder, free_block(5)) as running:
        running.wait_until_up()
        yield running
