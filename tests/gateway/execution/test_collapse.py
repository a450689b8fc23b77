"""RequestCollapse: one answer for equal requests in flight."""

from __future__ import annotations

import asyncio

import pytest

from gateway.execution import RequestCollapse


class Work:
    """Takes `seconds` and counts how often it is done."""

    def __init__(self, seconds: float = 0.01) -> None:
        self._seconds = seconds
        self.runs = 0
        self.was_cancelled = False

    async def __call__(self) -> int:
        self.runs += 1
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return self.runs


async def test_equal_requests_in_flight_are_answered_once() -> None:
    collapse, work = RequestCollapse[int](), Work()
    assert await asyncio.gather(*(collapse.run("key", work) for _ in range(5))) == [1] * 5
    assert collapse.collapsed == 4
    assert await collapse.run("key", work) == 2


async def test_requests_with_different_keys_are_answered_apart() -> None:
    collapse, work = RequestCollapse[int](), Work()
    await asyncio.gather(collapse.run("ana", work), collapse.run("ben", work))
    assert work.runs == 2


async def test_one_who_leaves_does_not_end_the_work_of_the_others() -> None:
    collapse, work = RequestCollapse[int](), Work()
    leaving, staying = (asyncio.create_task(collapse.run("key", work)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 1
    assert not work.was_cancelled


async def test_the_work_ends_when_all_have_left() -> None:
    collapse, work = RequestCollapse[int](), Work(seconds=60)
    tasks = [asyncio.create_task(collapse.run("key", work)) for _ in range(2)]
    await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert work.was_cancelled


async def test_an_error_is_told_to_all() -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise ValueError("no")

    collapse = RequestCollapse[int]()
    outcomes = await asyncio.gather(*(collapse.run("key", fail) for _ in range(2)), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["no", "no"]
    with pytest.raises(ValueError, match="no"):
        await collapse.run("key", fail)
