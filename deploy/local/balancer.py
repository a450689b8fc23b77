"""A TCP load balancer for one machine: each connection goes to the next replica in turn that says it is ready.

`python -m deploy.local.balancer --listen HOST:PORT --to HOST:PORT --to HOST:PORT`
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, cast

import aiohttp
import typer
import uvloop

CONNECT_TIMEOUT = 1.0  # seconds to reach a replica before the next one is tried
PROBE_PAUSE = 0.2  # seconds between looks at /ready of a replica
PROBE_TIMEOUT = 3.0  # seconds for its answer
BACKLOG = 1024  # connections that may wait to be accepted: after a restart all clients come at once


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


class Balancer:
    """Round robin over `replicas`: the ready ones first, one that refuses is passed over. Connections that are open stay."""

    def __init__(self, replicas: Sequence[Address]) -> None:
        self.replicas = replicas
        self._unready: set[Address] = set()
        self._turns = itertools.count()
        self._linking: set[asyncio.Task[None]] = set()

    async def serve(self, listen: Address) -> None:
        """Accept connections for ever."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: End(self._begin), listen.host, listen.port, backlog=BACKLOG)
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

    def _begin(self, client: End) -> None:
        # The loop holds tasks weakly: one that nobody else holds may be collected while it waits.
        task = asyncio.create_task(self._link(client))
        self._linking.add(task)
        task.add_done_callback(self._linking.discard)

    async def _link(self, client: End) -> None:
        replica = await self._connect()
        if replica is None or client.is_lost:
            for end in (client, replica):
                if end is not None:
                    end.transport.close()
            return
        client.pass_on_to(replica)
        replica.pass_on_to(client)

    async def _connect(self) -> End | None:
        first = next(self._turns) % len(self.replicas)
        in_turn = [*self.replicas[first:], *self.replicas[:first]]
        # Where none is ready one may still answer: it says best itself what is wrong.
        for address in sorted(in_turn, key=self._unready.__contains__):
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    loop = asyncio.get_running_loop()
                    return (await loop.create_connection(End, address.host, address.port))[1]
        return None


class End(asyncio.Protocol):
    """One of the two connections of a link: what it receives the other one sends, the end as well."""

    def __init__(self, on_made: Callable[[End], None] | None = None) -> None:
        self._on_made = on_made
        self.transport: asyncio.Transport
        self.other: End | None = None
        self.is_lost = False
        self._has_ended = False
        """Whether the peer has said that it sends no more."""
        self._early: list[bytes] = []
        """What came before there was somebody to pass it on to."""

    def pass_on_to(self, other: End) -> None:
        """From now on."""
        self.other = other
        other.transport.writelines(self._early)
        self._early = []
        if self._has_ended:
            other.transport.write_eof()
        else:
            self.transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.pause_reading()
        if self._on_made is not None:
            self._on_made(self)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self._early.append(data)
            self.transport.pause_reading()
        else:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """Pass it on; True keeps the way back open."""
        self._has_ended = True
        if self.other is None:
            return True
        if self.other._has_ended:
            return False
        if not self.other.is_lost and not self.other.transport.is_closing():
            self.other.transport.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self.other is not None and not self.other.is_lost:
            self.other.transport.close()

    def pause_writing(self) -> None:
        if self.other is not None and not self.other.is_lost:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.is_lost:
            self.other.transport.resume_reading()


def main(
    listen: Annotated[str, typer.Option(help="host:port to listen on.")],
    to: Annotated[list[str], typer.Option(help="host:port of a replica; repeat it.")],
) -> None:
    """Spread TCP connections over replicas."""
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Balancer([Address.parse(replica) for replica in to]).serve(Address.parse(listen)))


if __name__ == "__main__":
    typer.run(main)
