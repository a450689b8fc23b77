"""The subgraph with a subscription: `python -m tests.soak.live_subgraph PORT` counts up for whoever listens."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator

import strawberry
import uvicorn
from strawberry.asgi import GraphQL


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    def now(self) -> float:
        return time.time()


@strawberry.type
class Subscription:
    """What can be followed."""

    @strawberry.subscription
    async def ticks(self, every: float = 0.1, room: str = "") -> AsyncGenerator[int, None]:
        number = 0
        while True:
            yield number
            number += 1
            await asyncio.sleep(every)


def main(port: int) -> None:
    """Serve until the process is stopped."""
    app: GraphQL[None, None] = GraphQL(strawberry.Schema(query=Query, subscription=Subscription))
    uvicorn.run(app, port=port, log_level="warning", ws="websockets-sansio", lifespan="off")


if __name__ == "__main__":
    main(int(sys.argv[1]))
