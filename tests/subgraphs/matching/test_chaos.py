"""Three real replicas, a real PostgreSQL, SIGKILL at random: the invariants of matching hold whatever dies when."""

from __future__ import annotations

import os

import pytest

from .storm import storm


@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_doubled_while_replicas_are_killed(fresh_database_url: str) -> None:
    outcome = await storm(fresh_database_url, people=16, operations=300, kill_interval=60, seed=7, trouble_rate=0.15)
    wrong = outcome.wrong[:50]
    assert not wrong
    assert outcome.kills >= 1
    assert len(outcome.record.matches) >= 5


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("share", "ready_check"), [(0.8, 0), (0.2, 5)], ids=["at once", "with a ready check"])
async def test_nothing_is_lost_or_doubled_in_100_000_operations(
    fresh_database_url: str, share: float, ready_check: float
) -> None:
    operations = int(int(os.environ.get("CHAOS_OPERATIONS", "100000")) * share)
    seed = int(os.environ.get("CHAOS_SEED", "11"))
    outcome = await storm(
        fresh_database_url,
        people=120,
        operations=operations,
        kill_interval=300,
        seed=seed,
        ready_check=ready_check,
    )
    print(f"seed {seed}, ready check {ready_check}: {outcome}")
    for answer, times in sorted(outcome.crowd.done.items()):
        print(f"  {times:7} {answer}")
    wrong = outcome.wrong[:50]
    print("\n".join(wrong))
    assert not wrong
    assert len(outcome.record.matches) >= operations / 50
