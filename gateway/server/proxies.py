"""TrustedProxies: from the address of a connection and X-Forwarded-For to the address of the client."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

_REMEMBERED = 4096  # addresses; proxies are few, and who says something of them may be many


def checked_network(text: str) -> str:
    """Return an address or a network as it stands. Raises ValueError for anything else."""
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is neither an address nor a network such as 10.0.0.0/8") from error
    return text


class TrustedProxies:
    """Believes what these addresses and networks say in X-Forwarded-For."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._networks = tuple(ip_network(text) for text in trusted)
        self._is_trusted = lru_cache(_REMEMBERED)(self._look_up)

    def client(self, address: str, forwarded: bytes | None) -> str:
        """Each proxy appends whom it sees: the client is the last one in the list that is no proxy of ours."""
        if not forwarded or not self._is_trusted(address):
            return address
        for entry in reversed(forwarded.decode("latin-1").split(",")):
            if entry.strip():
                address = entry.strip()
                if not self._is_trusted(address):
                    break
        return address

    def _look_up(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        # A socket for both kinds of addresses shows one of the fourth version inside one of the sixth.
        mapped = getattr(address, "ipv4_mapped", None) or address
        networks: tuple[IPv4Network | IPv6Network, ...] = self._networks
        return any(mapped in network for network in networks)
