"""Rates that hold over several replicas: a real NATS server between real gateways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.server.rate_limit import RateLimiter
from gateway.server.rate_sharing import CLIENTS_IN_MESSAGE, SharedRates
from gateway.server.refusals import RateLimited
from gateway.server.request import Caller
from gateway.server.settings_safety import RateLimitSettings
from tests.gateway.server.conftest import Gateway, StartGateway
from tests.gateway.server.nats_process import nats_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"enabled": True, "rate": 0.01, "burst": 10, "sharing_interval": 0.02}


async def admitted(gateway: Gateway, count: int) -> int:
    """Ask so often, and return how often there was an answer."""
    answers = [await gateway.post("{ __typename }") for _ in range(count)]
    return sum("data" in answer for answer in answers)


def shared_rates(gateway: Gateway) -> SharedRates:
    (service,) = gateway.app.parts.services
    assert isinstance(service, SharedRates)
    return service


async def wait_until_counted(gateway: Gateway, client: str, requests: float) -> None:
    """Wait until a gateway has heard from the other."""
    async with asyncio.timeout(30):
        while shared_rates(gateway).limiter.counted(client) < requests - 0.5:
            await asyncio.sleep(0.01)


async def test_what_one_replica_lets_in_counts_at_the_others(start_gateway: StartGateway, unused_port: int) -> None:
    settings = {**SETTINGS, "nats_url": f"nats://127.0.0.1:{unused_port}"}
    # Started before their server is there: nobody waits for it.
    first: Gateway = await start_gateway(rate_limit=settings)
    second: Gateway = await start_gateway(rate_limit=settings)
    assert await admitted(first, 4) == 4
    with nats_server(unused_port):
        async with asyncio.timeout(60):
            while not (shared_rates(first).is_connected and shared_rates(second).is_connected):
                await asyncio.sleep(0.05)
        assert await admitted(first, 4) == 4
        await wait_until_counted(second, "ip:127.0.0.1", 4)
        # 4 of the other replica have been told: 10 - 4 are left here.
        assert await admitted(second, 10) == 6
        await wait_until_counted(first, "ip:127.0.0.1", 10)
        assert await admitted(first, 3) == 0


async def test_without_its_server_each_replica_limits_by_itself(start_gateway: StartGateway, unused_port: int) -> None:
    settings = {**SETTINGS, "nats_url": f"nats://127.0.0.1:{unused_port}"}
    for _ in range(2):
        assert await admitted(await start_gateway(rate_limit=settings), 15) == 10


class FakeMessenger:
    """Keeps what is sent."""

    is_connected = True

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.on_message: Callable[[bytes], None]

    def listening(self, on_message: Callable[[bytes], None]) -> FakeMessenger:
        self.on_message = on_message
        return self

    def start(self) -> None:
        return

    async def send(self, message: bytes) -> None:
        self.sent.append(message)

    async def aclose(self) -> None:
        return


async def test_many_clients_are_told_in_messages_of_bounded_size() -> None:
    limiter = RateLimiter(RateLimitSettings(enabled=True))
    messenger = FakeMessenger()
    async with SharedRates(limiter, messenger.listening, 0.01):
        for number in range(CLIENTS_IN_MESSAGE + 1):
            limiter.admit(Caller("1", address=str(number)))
        async with asyncio.timeout(30):
            while len(messenger.sent) < 2:
                await asyncio.sleep(0.01)
    assert max(map(len, messenger.sent)) < 64 * CLIENTS_IN_MESSAGE


@pytest.mark.parametrize("message", [b"nonsense", b"[]", b'{"ip:1": "many"}', b'{"ip:1": null}'])
async def test_a_message_that_cannot_be_read_changes_nothing(message: bytes) -> None:
    limiter = RateLimiter(RateLimitSettings(enabled=True, burst=1))
    messenger = FakeMessenger()
    SharedRates(limiter, messenger.listening, 0.01)
    messenger.on_message(message)
    limiter.admit(Caller("1", address="1"))
    messenger.on_message(b'{"ip:2": 1}')
    with pytest.raises(RateLimited):
        limiter.admit(Caller("1", address="2"))
