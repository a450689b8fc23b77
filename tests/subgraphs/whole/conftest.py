"""The four real subgraphs behind the gateway, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .four_subgraphs import Four, running_four


@pytest.fixture
async def four(module_database_url: str) -> AsyncIterator[Four]:
    """All of it, on the database of this module."""
    async with running_four(module_database_url) as running:
        yield running
