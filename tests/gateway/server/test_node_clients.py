"""What clients of the JavaScript world see: the audits of npm's graphql-http, and the clients graphql-ws and graphql-sse."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.npm import npm_folder
from tests.gateway.server.conftest import Gateway

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.node,
    pytest.mark.skipif(shutil.which("npm") is None, reason="Node.js with npm is not installed"),
]

PACKAGES = ("graphql@16.11.0", "graphql-http@1.22.4", "graphql-ws@6.0.6", "graphql-sse@2.6.0", "ws@8.18.3")

AUDITS = """
import { serverAudits } from "graphql-http";
const results = [];
for (const audit of serverAudits({ url: process.argv[2] })) {
  const result = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status: result.status, reason: result.reason });
}
console.log(JSON.stringify(results));
"""

SOCKET = """
import { createClient } from "graphql-ws";
import WebSocket from "ws";
const client = createClient({ url: process.argv[2], webSocketImpl: WebSocket, connectionParams: { authorization: "x" } });
const answers = [];
for await (const answer of client.iterate({ query: "subscription { count(to: 3) }" })) answers.push(answer);
for await (const answer of client.iterate({ query: "{ hello }" })) answers.push(answer);
console.log(JSON.stringify(answers));
await client.dispose();
"""

EVENTS = """
import { createClient } from "graphql-sse";
const client = createClient({ url: process.argv[2], retryAttempts: 0 });
const answers = [];
for await (const answer of client.iterate({ query: "subscription { count(to: 3) }" })) answers.push(answer);
for await (const answer of client.iterate({ query: "{ hello }" })) answers.push(answer);
console.log(JSON.stringify(answers));
client.dispose();
"""


@pytest.fixture(scope="module")
def node_folder() -> Path:
    """Where the clients are installed."""
    return npm_folder("node-clients", PACKAGES, 100)


async def run(folder: Path, script: str, url: str) -> Any:
    file = folder / f"script-{abs(hash(script))}.mjs"
    await asyncio.to_thread(file.write_text, script)
    process = await asyncio.create_subprocess_exec(
        "node", str(file), url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(40):
        output, errors = await process.communicate()
    await asyncio.to_thread(file.unlink)
    assert process.returncode == 0, errors.decode()
    return json.loads(output)


async def test_the_server_audits_of_graphql_http_find_no_error_and_no_warning(
    gateway: Gateway, node_folder: Path
) -> None:
    results = await run(node_folder, AUDITS, f"{gateway.url}/graphql")
    assert len(results) >= 60
    # Three MAYs are declined: GETs of a simple content type could come from another site (CSRF).
    declined = {result["id"] for result in results if result["status"] == "notice"}
    assert declined <= {"5A70", "D6D5", "6A70"}
    assert [result for result in results if result["status"] not in {"ok", "notice"}] == []


async def test_all_audits_are_passed_where_the_csrf_guard_is_off(start_gateway: Any, node_folder: Path) -> None:
    gateway = await start_gateway(csrf={"enabled": False})
    results = await run(node_folder, AUDITS, f"{gateway.url}/graphql")
    assert {result["status"] for result in results} == {"ok"}


@pytest.mark.parametrize(("script", "scheme"), [(SOCKET, "ws"), (EVENTS, "http")], ids=["graphql-ws", "graphql-sse"])
async def test_the_common_clients_subscribe_and_query(
    gateway: Gateway, node_folder: Path, script: str, scheme: str
) -> None:
    answers = await run(node_folder, script, f"{scheme}://127.0.0.1:{gateway.port}/graphql")
    expected = [{"data": {"count": number}} for number in range(3)]
    assert answers == [*expected, {"data": {"hello": "hello world"}}]
