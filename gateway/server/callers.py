"""CallerReader: from the headers of a request (or of a socket's handshake) to the Caller that the
pipeline works for.
"""

from __future__ import annotations

import re

from starlette.types import Scope

from .headers import HeaderPropagation
from .proxies import TrustedProxies
from .request import Caller
from .settings import Settings
from .telemetry import Telemetry

# What a client may choose as a request id; anything else is replaced (it goes into logs and headers).
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")


class CallerReader:
    """Knows which headers matter and what they mean."""

    def __init__(self, settings: Settings, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._propagation = HeaderPropagation(settings)
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._shows_plans = not settings.production

    def read(self, headers: dict[bytes, bytes], address: str) -> Caller:
        """Return the caller at an address; `headers` gets an x-request-id if it has none that is fit for use."""
        caller = self.read_id(headers)
        caller.address = self._proxies.client(address, headers.get(b"x-forwarded-for"))
        if caller.address:
            # What a client says of its own address is worth nothing to a subgraph that counts by it.
            headers[b"x-forwarded-for"] = caller.address.encode("latin-1")
        caller.headers, caller.subgraph_headers, caller.identity = self._propagation.for_subgraphs(headers)
        traceparent = headers.get(b"traceparent")
        if traceparent is not None:
            caller.traceparent = traceparent.decode("latin-1")
        caller.wants_cost = headers.get(b"gateway-cost") == b"include"
        plan = headers.get(b"gateway-query-plan")
        if plan is not None and self._shows_plans:
            caller.plan = "dry-run" if plan == b"dry-run" else "include"
        return caller

    def read_id(self, headers: dict[bytes, bytes]) -> Caller:
        """Return a caller of whom nothing but the request's id is known; `headers` gets one if it has none that is fit for use."""
        request_id = headers.get(b"x-request-id")
        if request_id is None or not _REQUEST_ID.fullmatch(request_id):
            headers[b"x-request-id"] = request_id = self._telemetry.new_request_id()
        return Caller(request_id.decode("latin-1"))


def address_of(scope: Scope) -> str:
    """Return the address of the other end of a connection; empty where it has none (a Unix socket)."""
    client = scope.get("client")
    return client[0] if client else ""
