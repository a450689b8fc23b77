"""A backup taken while the system runs, restored into an empty database, answers the demo's queries identically."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.local.demo import Person, run_journey
from deploy.local.demo_operations import DOCUMENT, HISTORY, QUESTIONS
from deploy.local.graphql_client import GraphQLClient
from deploy.local.ports import free_block
from deploy.local.transcript import Transcript
from tests.system.conftest import ROOT, RunningUp, up

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

FILTERS: tuple[dict[str, Any], ...] = ({"difficulties": ["EASY"]}, {"categories": ["Arrays"]}, {"search": "longest"})
MINE = """{
  me { id name email bio selfAssessment }
  mySessions { edges { node { id status language code messages { edges { node { message } } } } } }
}"""


async def test_a_restored_system_answers_the_queries_of_the_demo_identically(
    system: RunningUp, data_folder: Path, tmp_path: Path
) -> None:
    people = await run_journey(system.gateway_url, Transcript(io.StringIO()))
    before = await answers(system.gateway_url, people)

    backup = tmp_path / "all.dump"
    run("backup", str(backup), "--data", str(data_folder))
    restored_folder = data_folder.parent / "restored"
    run("restore", str(backup), "--data", str(restored_folder))
    (restored_folder / "service_secret").write_bytes((data_folder / "service_secret").read_bytes())
    with up(restored_folder, free_block(5)) as restored:
        restored.wait_until_up()
        after = await answers(restored.gateway_url, people)

    assert before[0]["questions"]["totalCount"] > 0
    assert before[-2]["me"]["matches"][0]["session"]["status"] == "ENDED"
    assert after == before


async def answers(gateway_url: str, people: list[Person]) -> list[Any]:
    """What the demo asks, by the same people with the same tokens."""
    found: list[Any] = []
    async with aiohttp.ClientSession() as session:
        anybody = GraphQLClient(f"{gateway_url}/graphql", session)
        for wanted in FILTERS:
            found.append(await anybody.execute(QUESTIONS, {"filter": wanted, "first": 20}))
        for person in people:
            client = GraphQLClient(f"{gateway_url}/graphql", session, person.client.token)
            mine = await client.execute(MINE)
            found.append(mine)
            for edge in mine["mySessions"]["edges"]:
                found.append(await client.execute(DOCUMENT, {"sessionId": edge["node"]["id"]}))
            found.append(await client.execute(HISTORY))
            found.append(person.user_id)
    return found


def run(*arguments: str) -> None:
    """A command of `./just`, as an operator would give it."""
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    result = subprocess.run(
        [sys.executable, "-m", "deploy.local", *arguments],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout + result.stderr
