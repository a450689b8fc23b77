"""Lookups that are asked for at the same moment go together, and none is answered with what was read before it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from subgraphs.kit.coalescing import MAX_BATCH, Coalescing


async def test_what_is_asked_while_a_batch_is_loaded_goes_into_the_next() -> None:
    batches: list[list[int]] = []
    may_go_on = asyncio.Event()

    async def load(keys: Sequence[int]) -> list[str]:
        batches.append(list(keys))
        await may_go_on.wait()
        return [str(key) for key in keys]

    lookups = Coalescing(load)
    first = [asyncio.create_task(lookups.get(key)) for key in (1, 2)]
    while not batches:
        await asyncio.sleep(0)
    later = [asyncio.create_task(lookups.get(key)) for key in (3, 1)]
    await asyncio.sleep(0)
    may_go_on.set()
    assert await asyncio.gather(*first, *later) == ["1", "2", "3", "1"]
    assert batches == [[1, 2], [3, 1]]


async def test_a_batch_has_a_bound() -> None:
    sizes: list[int] = []

    async def load(keys: Sequence[int]) -> Sequence[int]:
        sizes.append(len(keys))
        return keys

    lookups = Coalescing(load)
    keys = list(range(MAX_BATCH + 10))
    assert await asyncio.gather(*map(lookups.get, keys)) == keys
    assert sizes == [MAX_BATCH, 10]


async def test_a_failure_is_told_to_those_who_asked_and_the_next_may_ask_again() -> None:
    async def load(keys: Sequence[int]) -> Sequence[int]:
        if 0 in keys:
            raise ValueError("there is no 0")
        return keys

    lookups = Coalescing(load)
    with pytest.raises(ValueError, match="no 0"):
        await lookups.get(0)
    assert await lookups.get(1) == 1
