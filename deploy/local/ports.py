"""Find out before anything starts whether the ports are free, and say in one sentence when they are not."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping


class PortsTaken(Exception):
    """Raised when a port that a process needs is in use."""

    def __init__(self, taken: Mapping[str, int]) -> None:
        listing = ", ".join(f"{port} ({name})" for name, port in taken.items())
        plural = "Ports are" if len(taken) > 1 else "A port is"
        super().__init__(
            f"{plural} taken by another program: {listing}. Stop it, or choose other ports: ./just up --first-port 5000"
        )
        self.taken = dict(taken)


def require_free(ports: Mapping[str, int], host: str) -> None:
    """Raise PortsTaken unless every port can be bound."""
    taken = {name: port for name, port in ports.items() if not _is_free(host, port)}
    if taken:
        raise PortsTaken(taken)


def free_block(count: int, host: str = "127.0.0.1") -> int:
    """The first of `count` consecutive free ports, for tests and for a second system on one machine."""
    while True:
        # Below the ports that systems give to outgoing connections, one of which could take ours a moment later.
        first = random.randrange(10_000, 32_000 - count)
        if all(_is_free(host, port) for port in range(first, first + count)):
            return first


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
