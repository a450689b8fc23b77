"""Both event buses, as real servers."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.ports import free_block
from subgraphs.kit.events import EventBus
from subgraphs.kit.nats_bus import NatsBus
from subgraphs.kit.postgres_bus import PostgresBus


@pytest.fixture(params=["postgres", "postgres of its own", "nats"])
def make_bus(request: pytest.FixtureRequest, fresh_database_url: str) -> Callable[[], EventBus]:
    """A bus of each kind; every call is another replica's connection to the same one."""
    if request.param != "nats":
        return lambda: PostgresBus(fresh_database_url, is_beside_outbox=request.param == "postgres")
    url = request.getfixturevalue("nats_url")
    return lambda: NatsBus(url)


@pytest.fixture
def nats_url(tmp_path: Path) -> Iterator[str]:
    """A NATS server of this test."""
    port = free_block(1)
    command = [
        str(Path(sys.executable).parent / "nats-server"),
        "-a",
        "127.0.0.1",
        "-p",
        str(port),
        "-js",
        "-sd",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
