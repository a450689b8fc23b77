"""Where a request comes from, for whatever is counted by address: nobody is believed who only says so."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from starlette.requests import HTTPConnection

from .auth import SECRET_HEADER, proves_secret

FORWARDED_HEADER = "x-forwarded-for"


@dataclass(frozen=True, slots=True)
class ClientAddresses:
    """Believes X-Forwarded-For of the gateway, which knows the service secret, and of the proxies at these addresses."""

    service_secret: str | None
    trusted_proxies: frozenset[str]
    """Addresses and networks."""

    def of(self, connection: HTTPConnection) -> str:
        """The client's address; empty where there is none (a Unix socket)."""
        address = connection.client.host if connection.client else ""
        forwarded = connection.headers.get(FORWARDED_HEADER)
        if not forwarded or not self._is_believed(connection, address):
            return address
        entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
        # Each proxy appends whom it sees: the last one that is no proxy of ours is the client, what stands before is made up.
        client = next((entry for entry in reversed(entries) if not self._is_proxy(entry)), None)
        return client or (entries[0] if entries else address)

    def _is_believed(self, connection: HTTPConnection, address: str) -> bool:
        if self._is_proxy(address):
            return True
        secret = self.service_secret
        return secret is not None and proves_secret(connection.headers.get(SECRET_HEADER), secret, time.time())

    def _is_proxy(self, address: str) -> bool:
        return _is_in(address, self.trusted_proxies)


def checked_networks(texts: list[str]) -> list[str]:
    """Addresses and networks as they stand. Raises ValueError, with a sentence, for anything else."""
    for text in texts:
        try:
            ip_network(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is neither an address nor a network such as 10.0.0.0/8") from error
    return texts


@lru_cache(maxsize=4096)
def _is_in(text: str, networks: frozenset[str]) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    # A socket for both kinds of addresses shows one of the fourth version inside one of the sixth.
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in ip_network(network) for network in networks)
