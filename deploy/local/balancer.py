"""A TCP load balancer for one machine: each connection goes to the next replica in turn that says it is ready.

`python -m deploy.local.balancer --listen HOST:PORT --to HOST:PORT --to HOST:PORT`
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import aiohttp
import typer

CONNECT_TIMEOUT = 1.0  # seconds to reach a replica before the next one is tried
PROBE_PAUSE = 0.2  # seconds between looks at /ready of a replica
PROBE_TIMEOUT = 3.0  # seconds for its answer
BACKLOG = 1024  # connections that may wait to be accepted: after a restart all clients come at once
CHUNK = 64 * 1024  # bytes copied at once


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `host:port`. Raises ValueError for anything else."""
        host, separator, port = text.rpartition(":")
        if not separator or not port.isdigit():
            raise ValueError(f"{text!r} is not of the form host:port")
        return cls(host, int(port))


@dataclass(slots=True)
class Balancer:
    """Round robin over `replicas`: the ready ones first, one that refuses is passed over. Connections that are open stay."""

    replicas: Sequence[Address]
    _unready: set[Address] = field(default_factory=set)
    _turns: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = itertools.count()

    async def serve(self, listen: Address) -> None:
        """Accept connections for ever."""
        server = await asyncio.start_server(self._accept, listen.host, listen.port, limit=CHUNK, backlog=BACKLOG)
        async with server, asyncio.TaskGroup() as group, aiohttp.ClientSession() as client:
            for replica in self.replicas:
                group.create_task(self._probe(replica, client))
            await server.serve_forever()

    async def _probe(self, replica: Address, client: aiohttp.ClientSession) -> None:
        """Keep `_unready` true for one replica, as a readiness probe does."""
        timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT)
        while True:
            try:
                async with client.get(f"http://{replica.host}:{replica.port}/ready", timeout=timeout) as response:
                    is_ready = response.status == 200
            except (aiohttp.ClientError, OSError, TimeoutError):
                is_ready = False
            (self._unready.discard if is_ready else self._unready.add)(replica)
            await asyncio.sleep(PROBE_PAUSE)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        replica = await self._connect()
        try:
            if replica is not None:
                await asyncio.gather(_copy(reader, replica[1]), _copy(replica[0], writer))
        finally:
            for end in (writer, *([replica[1]] if replica else [])):
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        first = next(self._turns) % len(self.replicas)
        in_turn = [*self.replicas[first:], *self.replicas[:first]]
        # Where none is ready one may still answer: it says best itself what is wrong.
        for address in sorted(in_turn, key=self._unready.__contains__):
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    return await asyncio.open_connection(address.host, address.port, limit=CHUNK)
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the sender is done, then say so to the other side."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        # One side broke: the other has to notice, too.
        writer.close()


def main(
    listen: Annotated[str, typer.Option(help="host:port to listen on.")],
    to: Annotated[list[str], typer.Option(help="host:port of a replica; repeat it.")],
) -> None:
    """Spread TCP connections over replicas."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Balancer([Address.parse(replica) for replica in to]).serve(Address.parse(listen)))


if __name__ == "__main__":
    typer.run(main)
