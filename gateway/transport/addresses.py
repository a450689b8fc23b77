"""Addresses of a subgraph by its name: service discovery by DNS.

A name may have several addresses, and other ones tomorrow. Each new connection asks again and goes to any of them, so that the load is
spread; connections are renewed now and then, so that a changed answer is noticed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
import ssl
from collections.abc import Awaitable, Callable
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

P = TypeVar("P", bound=asyncio.BaseProtocol)

AddressInfo: TypeAlias = tuple[Any, ...]
"""As getaddrinfo has it: family, type, protocol, canonical name, (host, port, ...)."""
Resolver: TypeAlias = Callable[[str, int], Awaitable[list[AddressInfo]]]


async def resolve_by_dns(host: str, port: int) -> list[AddressInfo]:
    """Ask the system's resolver. Raises OSError."""
    infos: list[AddressInfo] = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return infos


async def connect_to_any(
    protocol: Callable[[], P], host: str, port: int, tls: ssl.SSLContext | None, resolve: Resolver
) -> P:
    """Connect to one address after the other, until one takes it. Raises the last OSError."""
    loop = asyncio.get_running_loop()
    if is_address(host):
        return (await loop.create_connection(protocol, host, port, ssl=tls))[1]
    problem = OSError(f"{host} has no address")
    for info in _in_order(await resolve(host, port)):
        address = info[4]
        try:
            name = host if tls is not None else None
            return (await loop.create_connection(protocol, address[0], address[1], ssl=tls, server_hostname=name))[1]
        except OSError as error:
            problem = error
    raise problem


def is_address(host: str) -> bool:
    """Whether a host is an address itself, and there is nothing to ask for."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _in_order(infos: list[AddressInfo]) -> list[AddressInfo]:
    # Which family comes first is the system's choice (RFC 6724); within it all are alike.
    ordered = []
    for _, group in groupby(infos, key=itemgetter(0)):
        members = list(group)
        random.shuffle(members)
        ordered += members
    return ordered
