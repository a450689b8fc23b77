"""R18: schemathesis, in an environment of its own, finds no server error in 2 000 cases and more.

`./just fuzz` runs this by itself. The environment is made once, in a folder outside the repository.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.server.conftest import StartGateway

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(1800)]

SCHEMATHESIS = "schemathesis==4.32.5"
CASES = 2_000
ROOT_FIELDS = 7

ANY_JSON: dict[str, Any] = {}
REQUEST = {
    "type": "object",
    "properties": {
        "query": {"type": ["string", "null"]},
        "operationName": {"type": ["string", "null"]},
        "variables": {"type": ["object", "null"]},
        "extensions": {"type": ["object", "null"]},
        "documentId": {"type": ["string", "null"]},
    },
}


def path(method: str, *parameters: tuple[str, str], body: Any = None) -> dict[str, Any]:
    """One operation of OpenAPI: parameters as (place, name) of any text, and a JSON body."""
    described: dict[str, Any] = {"responses": {"default": {"description": "anything but a server error"}}}
    described["parameters"] = [{"in": place, "name": name, "schema": {"type": "string"}} for place, name in parameters]
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return {method: described}


PLAIN_HTTP = {
    "openapi": "3.1.0",
    "info": {"title": "What is not GraphQL, and GraphQL as plain HTTP", "version": "1"},
    "paths": {
        "/graphql": {
            **path("post", ("header", "accept"), ("header", "gateway-query-plan"), body={"anyOf": [REQUEST, ANY_JSON]}),
            **path("get", *(("query", it) for it in ("query", "variables", "extensions", "operationName"))),
            **path("options", ("header", "origin"), ("header", "access-control-request-method")),
        },
        "/health": path("get"),
        "/ready": path("get"),
        "/metrics": path("get"),
        "/invalidate": path("post", ("header", "authorization"), body=ANY_JSON),
    },
}


@pytest.fixture(scope="module")
def schemathesis() -> Path:
    """The command. It must not share our environment: it brings versions of its own of what we use."""
    folder = Path(tempfile.gettempdir()) / f"gateway-fuzz-{getpass.getuser()}"
    command = folder / "bin" / "st"
    wanted = folder / "wanted"
    if not wanted.exists() or wanted.read_text() != SCHEMATHESIS:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=300)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", SCHEMATHESIS]
        installed = subprocess.run(pip, capture_output=True, text=True, timeout=900, check=False)
        if installed.returncode:
            pytest.skip(f"pip could not install schemathesis: {installed.stderr[-300:]}")
        wanted.write_text(SCHEMATHESIS)
    return command


async def run(command: Path, *arguments: str) -> str:
    """Run schemathesis to its end and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(str(command), "run", *arguments, "--checks", "not_a_server_error", "--phases", "fuzzing,stateful"),
        *(
            "--max-examples",
            str(CASES // ROOT_FIELDS + 1),
            "--continue-on-failure",
            "--seed",
            "1",
            "--no-color",
            "--request-timeout",
            "60",
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tempfile.gettempdir(),
    )
    output, _ = await process.communicate()
    text = output.decode()
    print(text)
    # ST101 is a status of 500 and more. Errors in an answer of status 200 (ST113) are the subgraph's own: some of its fields fail.
    assert "ST101" not in text, text[-5_000:]
    return text


def cases(output: str) -> int:
    """How many cases were generated, as its summary says."""
    found = re.search(r"([\d,]+) generated", output)
    assert found is not None, output[-2_000:]
    return int(found[1].replace(",", ""))


async def test_no_operation_makes_a_server_error(start_gateway: StartGateway, schemathesis: Path) -> None:
    gateway = await start_gateway(traffic={"subgraph_timeout": 0.3})
    assert cases(await run(schemathesis, f"{gateway.url}/graphql")) >= CASES
    assert await gateway.metric("gateway_masked_errors_total") == 0


async def test_no_request_makes_a_server_error(start_gateway: StartGateway, schemathesis: Path, tmp_path: Path) -> None:
    cache = {"enabled": True, "invalidation_secret": "s"}
    gateway = await start_gateway(traffic={"subgraph_timeout": 0.3}, response_cache=cache, batching=5)
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(PLAIN_HTTP))
    headers = ["-H", "gateway-preflight: 1"]
    assert cases(await run(schemathesis, str(described), "--url", gateway.url, *headers)) >= 500
    assert await gateway.metric("gateway_masked_errors_total") == 0
