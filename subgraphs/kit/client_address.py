"""Where a request comes from, for whatever is counted by address: nobody is believed who only says so."""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from .auth import SECRET_HEADER, proves_secret

FORWARDED_HEADER = "x-forwarded-for"


@dataclass(frozen=True, slots=True)
class ClientAddresses:
    """Believes X-Forwarded-For of the gateway, which knows the service secret, and of the proxies at these addresses."""

    service_secret: str | None
    trusted_proxies: frozenset[str]

    def of(self, connection: HTTPConnection) -> str:
        """The client's address; empty where there is none (a Unix socket)."""
        address = connection.client.host if connection.client else ""
        forwarded = connection.headers.get(FORWARDED_HEADER)
        if not forwarded or not self._is_believed(connection, address):
            return address
        # The last entry is the one that the proxy wrote; those before it are what the client made up.
        return forwarded.rpartition(",")[2].strip() or address

    def _is_believed(self, connection: HTTPConnection, address: str) -> bool:
        if address in self.trusted_proxies:
            return True
        secret = self.service_secret
        return secret is not None and proves_secret(connection.headers.get(SECRET_HEADER), secret, time.time())
