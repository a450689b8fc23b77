"""A real gateway and real subgraphs, each a uvicorn server on a free port of the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import uvicorn

from gateway.server import GatewayApp, create_app, load_settings
from gateway.server.logs import configure_logging
from gateway.server.run import GatewayServer, server_config
from tests.gateway.server.subgraph import SUPERGRAPH, PeopleSubgraph

configure_logging("warning")

StartGateway = Callable[..., Any]


@asynccontextmanager
async def serving(config: uvicorn.Config) -> AsyncIterator[tuple[GatewayServer, int]]:
    """Run a server on a free port until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = GatewayServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    if task.done():
        await task
    try:
        yield server, listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


class Gateway:
    """A running gateway with an HTTP client for it."""

    def __init__(self, app: GatewayApp, server: GatewayServer, port: int, client: aiohttp.ClientSession) -> None:
        self.app = app
        self.server = server
        self.port = port
        self.client = client
        self.url = f"http://127.0.0.1:{port}"
        self.socket_url = f"ws://127.0.0.1:{port}/graphql"

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, headers: dict[str, str] | None = None, **more: Any
    ) -> Any:
        """Send an operation and return the JSON answer."""
        body = {"query": query, "variables": variables or {}, **more}
        async with self.client.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            return await response.json()

    async def metric(self, line_start: str) -> float:
        """Return the value of the metric whose line starts so; 0 if there is none."""
        async with self.client.get(f"{self.url}/metrics") as response:
            text = await response.text()
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(line_start))

    async def until_metric(self, line_start: str, value: float) -> None:
        """Return when the metric whose line starts so has this value."""
        async with asyncio.timeout(60):
            while await self.metric(line_start) != value:
                await asyncio.sleep(0.02)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people() -> AsyncIterator[PeopleSubgraph]:
    """The subgraph behind the gateway."""
    subgraph = PeopleSubgraph()
    async with serving(subgraph.config()) as (server, port):
        subgraph.server, subgraph.port = server, port
        yield subgraph


@pytest_asyncio.fixture(loop_scope="module")
async def start_gateway(people: PeopleSubgraph, tmp_path: Path) -> AsyncIterator[StartGateway]:
    """A function that starts a gateway in front of `people`, with the settings it is given."""
    async with _gateway_starter(people, tmp_path) as start:
        yield start


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(people: PeopleSubgraph, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A gateway with default settings, shared by the tests of a module."""
    async with _gateway_starter(people, tmp_path_factory.mktemp("gateway")) as start:
        started = await start()
        assert isinstance(started, Gateway)
        yield started


@asynccontextmanager
async def _gateway_starter(people: PeopleSubgraph, folder: Path) -> AsyncIterator[StartGateway]:
    async with AsyncExitStack() as stack:

        async def start(
            port: int | None = None, supergraph: str | None = None, file: Path | None = None, **settings: Any
        ) -> Gateway:
            file = file or folder / "supergraph.graphql"
            _write_if_needed(file, supergraph, port or people.port)
            environment: dict[str, str] = {}
            settings = {"telemetry": {"access_log": False}, **settings}
            if "subgraphs_file" not in settings:
                settings["supergraph"] = str(file)
            app = create_app(load_settings(environment=environment, overrides=settings))
            server, gateway_port = await stack.enter_async_context(serving(server_config(app, app.settings)))
            client = await stack.enter_async_context(aiohttp.ClientSession())
            return Gateway(app, server, gateway_port, client)

        yield start


def _write_if_needed(file: Path, supergraph: str | None, port: int) -> None:
    if supergraph is not None or not file.exists():
        file.write_text((supergraph or SUPERGRAPH).replace("PORT", str(port)))


@pytest.fixture
def supergraph_file(tmp_path: Path) -> Path:
    """The file that `start_gateway` reads."""
    return tmp_path / "supergraph.graphql"


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
