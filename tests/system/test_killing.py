"""Killing any one process of the replicated shape loses nothing that was acknowledged, and people go on working."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.demo import run_journey
from deploy.local.plan import REPLICA_PORTS
from deploy.local.ports import free_block
from deploy.local.transcript import Transcript
from tests.system.conftest import RunningUp, up
from tests.system.crowd import PATIENCE, Crowd, NotDone, crowd
from tests.system.newcomers import Newcomers
from tests.system.stored import violations_when_quiet

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

SHAPE = ("--bus", "nats", "--replicas", "matching=3", "collaboration=2", "gateway=2")
PAIRS = int(os.environ.get("TANDEM_PAIRS", "4"))
DEVICES = 2
BEFORE = 1.0  # seconds of work before something is killed
# What may be killed, by words of its command line; each kind is killed once, one process after the other.
KINDS = {
    "gateway": ("gateway", "serve"),
    "users": ("subgraphs", "serve", "users"),
    "questions": ("subgraphs", "serve", "questions"),
    "matching": ("subgraphs", "serve", "matching"),
    "collaboration": ("subgraphs", "serve", "collaboration"),
    "runner": ("subgraphs.collaboration.execution",),
    "balancer": ("deploy.local.balancer",),
    "nats": ("-c", "nats.conf"),
    "postgres": ("postgres", "-D"),
}


async def test_killing_any_one_process_loses_nothing_acknowledged(data_folder: Path) -> None:
    folder = data_folder.parent / "killing"
    with up(folder, free_block(REPLICA_PORTS + 50), *SHAPE) as running:
        await asyncio.to_thread(running.wait_until_up)
        async with crowd(running.gateway_url, PAIRS, DEVICES) as people:
            newcomers = Newcomers(people.people[0].url, people.people[0].http)
            figures = []
            for kind in KINDS:
                talking = asyncio.create_task(_keep_talking(people))
                arriving = asyncio.create_task(newcomers.keep_arriving())
                await asyncio.sleep(BEFORE)
                pid = _kill(kind, running, folder)
                seconds = await _seconds_until_used_again(people)
                for task in (talking, arriving):
                    task.cancel()
                await asyncio.gather(talking, arriving, return_exceptions=True)
                await newcomers.settle()
                figures.append(f"{kind} ({pid}): all acknowledged again after {seconds:.1f} s")
            await people.chat_until_heard()
            # What is stored comes first: if that is whole, what is missing was only not told.
            wrong, record = await violations_when_quiet(folder, people, newcomers)
            await people.wait_until_told()
            print("\n" + "\n".join(figures))
            print(
                f"{sum(map(len, people.said.values()))} messages, {len(newcomers.people)} sign-ups and {len(newcomers.seekers)} searches "
                f"acknowledged; {len(record.matches)} matches, {newcomers.left} of them ended by somebody"
            )
            print(f"told to load again: {[follower.resyncs for follower in people.followers]}")
            assert wrong == []
            assert people.untold() == []
            await newcomers.require_accounts()
        # And everything works as on the first day.
        await run_journey(running.gateway_url, Transcript(io.StringIO()))
    assert "starting it again" in running.output


def _kill(kind: str, running: RunningUp, folder: Path) -> int:
    """SIGKILL one process of this kind: no goodbye to anybody."""
    victim = next(iter(_processes(kind, running, folder)), None)
    assert victim is not None, f"no process of kind {kind} runs"
    victim.kill()
    return int(victim.pid)


def _processes(kind: str, running: RunningUp, folder: Path) -> Iterator[psutil.Process]:
    if kind == "postgres":
        # It is no child of `up`: its first process is in the file it keeps.
        yield psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        return
    for process in psutil.Process(running.process.pid).children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if all(any(word == wanted or word.endswith(f"/{wanted}") for word in words) for wanted in KINDS[kind]):
            yield process


async def _seconds_until_used_again(people: Crowd) -> float:
    """Everybody says something and asks every subgraph, until all of it is acknowledged."""
    begin = time.monotonic()
    await people.chat_until_heard()
    query = "{ me { name matches { status question { title } session { status } } } questions(first: 1) { edges { node { title } } } }"
    for person in people.people:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await person.ask(query)
                    break
                except NotDone:
                    await asyncio.sleep(0.2)
    return time.monotonic() - begin


async def _keep_talking(people: Crowd) -> None:
    for number in itertools.count():
        for person in people.people:
            try:
                message_id = await person.say(f"loose {number}", f"loose-{time.monotonic_ns()}")
            except NotDone:
                continue  # it was not acknowledged: nothing was promised
            people.said.setdefault(person.session_id, []).append(message_id)
            await asyncio.sleep(0.02)
