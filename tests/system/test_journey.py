"""The main job, end to end: two people practise together, through the gateway, against real processes."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import aiohttp
import pytest

from deploy.local.demo import run_journey
from deploy.local.transcript import Transcript
from tests.system.conftest import RunningUp

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


async def test_two_people_practise_together(system: RunningUp) -> None:
    out = io.StringIO()
    transcript = Transcript(out)

    await run_journey(system.gateway_url, transcript)

    assert "fail" not in out.getvalue()
    assert len(transcript.seconds) >= 20


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_every_service_tells_that_it_is_healthy_and_ready(system: RunningUp, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        for port in range(system.first_port, system.first_port + 5):
            async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                assert response.status == 200, f"{port}{path}: {await response.text()}"


async def test_a_request_id_is_carried_from_the_gateway_to_the_logs_of_a_subgraph(
    system: RunningUp, data_folder: Path
) -> None:
    headers = {"x-request-id": "journey-of-one-request"}
    query = {"query": "{ questions(first: 1) { edges { node { id } } } }"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{system.gateway_url}/graphql", json=query, headers=headers) as response,
    ):
        assert response.headers["x-request-id"] == "journey-of-one-request"

    # A subgraph writes its line after the answer has gone.
    log = data_folder / "logs" / "questions.log"
    async with asyncio.timeout(10):
        while "journey-of-one-request" not in log.read_text():
            await asyncio.sleep(0.05)


async def test_graphiql_is_served_to_browsers(system: RunningUp) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{system.gateway_url}/graphql", headers={"accept": "text/html"}) as response,
    ):
        page = await response.text()

    assert response.status == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "<title>" in page
