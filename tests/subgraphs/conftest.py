"""What tests of several subgraphs share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.ports import free_block
from tests.subgraphs.nats_server import NatsServer


@pytest.fixture
async def nats_server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A NATS server of this test, to be started and killed by it."""
    server = NatsServer(free_block(1), tmp_path)
    yield server
    await server.kill()
