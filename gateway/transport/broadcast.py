"""Broadcast: what the processes of one gateway tell each other, through a NATS server and without waiting for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

logger = structlog.get_logger("gateway")

RECONNECT_PAUSE = 1  # seconds
DELIVERY_TIMEOUT = 2  # seconds


class Broadcast:
    """Sends to everybody who listens on the same subject but oneself. While the server is away messages are lost, and nobody waits."""

    def __init__(
        self,
        url: str,
        subject: str,
        on_message: Callable[[bytes], None],
        on_listening: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_listening` is called whenever messages can be heard (again): those of the time before were missed."""
        self._url = url
        self._subject = subject
        self._on_message = on_message
        self._on_listening = on_listening
        self._client = Client()
        self._connecting: asyncio.Task[None] | None = None
        self.is_listening = False
        """Whether what the others send is heard."""

    def start(self) -> None:
        """Begin to listen, as soon as the server is there."""
        self._connecting = asyncio.create_task(self._connect(), name="broadcast")

    @property
    def is_connected(self) -> bool:
        """Whether what is sent now reaches the server."""
        return self._client.is_connected

    async def send(self, message: bytes) -> None:
        """Tell the others, if that is possible now."""
        if self._client.is_connected:
            with contextlib.suppress(NatsError, OSError):
                await self._client.publish(self._subject, message)

    async def deliver(self, message: bytes) -> bool:
        """Tell the others, and return whether the server has it."""
        if not self._client.is_connected:
            return False
        try:
            await self._client.publish(self._subject, message)
            await self._client.flush(DELIVERY_TIMEOUT)
        except (NatsError, OSError):
            return False
        return True

    async def aclose(self) -> None:
        """Stop to listen."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if not self._client.is_closed:
            await self._client.close()

    async def _connect(self) -> None:
        await self._client.connect(
            self._url,
            no_echo=True,
            # Also the first time: it is tried until the server is there.
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_PAUSE,
            disconnected_cb=self._tell_disconnected,
            reconnected_cb=self._tell_connected,
            error_cb=_ignore_error,
        )
        await self._client.subscribe(self._subject, cb=self._receive)
        # Where this fails the connection is lost, and is told of when it is there again.
        with contextlib.suppress(NatsError, OSError):
            await self._client.flush()
            await self._tell_connected()

    async def _receive(self, message: Msg) -> None:
        self._on_message(message.data)

    async def _tell_disconnected(self) -> None:
        self.is_listening = False
        if not self._client.is_closed:
            logger.warning("broadcast.disconnected", subject=self._subject)

    async def _tell_connected(self) -> None:
        logger.info("broadcast.connected", subject=self._subject)
        self.is_listening = True
        self._on_listening()


async def _ignore_error(error: Exception) -> None:
    """The library tells of each failed attempt; the two events above are enough."""
