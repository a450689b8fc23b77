"""Header propagation both ways: which headers of a client reach which subgraph, and which of their answers reach the
client.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Mapping
from hashlib import sha256

from .refusals import HeaderPairs
from .settings import HeaderRules, Settings

# They belong to one connection, or are written by the transport itself (RFC 9110, 7.6.1).
_NEVER_FORWARDED = frozenset(
    {
        b"connection",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"host",
        b"keep-alive",
        b"te",
        b"trailer",
        b"upgrade",
        b"proxy-authorization",
        b"proxy-connection",
        b"accept",
        b"accept-encoding",
    }
)
# They differ from request to request and cannot change an answer: they must not keep answers from being shared.
_NOT_IDENTITY = frozenset({b"x-request-id", b"traceparent", b"tracestate"})

SECRET_HEADER = b"x-gateway-secret"


class RequestHeaderRules:
    """The compiled form of one `HeaderRules`: from a client's headers to the pairs for subgraphs."""

    def __init__(self, rules: HeaderRules) -> None:
        names = {name.encode(): name.encode() for name in rules.forward}
        names.update({name.encode(): target.encode() for name, target in rules.rename.items()})
        self._names = tuple((source, target) for source, target in names.items() if target not in _NEVER_FORWARDED)
        self._inserted = tuple((name.encode(), value.encode("latin-1")) for name, value in rules.insert.items())

    def pairs(self, headers: Mapping[bytes, bytes]) -> HeaderPairs:
        """Return what is sent on."""
        found = [(target, headers[source]) for source, target in self._names if source in headers]
        return (*found, *self._inserted)


class HeaderPropagation:
    """All request rules of the settings, and the secret that tells subgraphs that it is the gateway who asks."""

    def __init__(self, settings: Settings) -> None:
        self._general = RequestHeaderRules(settings.headers)
        self._by_subgraph = {
            name: RequestHeaderRules(subgraph.headers)
            for name, subgraph in settings.subgraphs.items()
            if subgraph.headers is not None
        }
        secret = settings.subgraph_secret
        is_plain = secret is not None and settings.subgraph_secret_mode == "plain"
        self._secret_pair = ((SECRET_HEADER, secret.get_secret_value().encode()),) if secret and is_plain else ()

    def for_subgraphs(self, headers: Mapping[bytes, bytes]) -> tuple[HeaderPairs, Mapping[str, HeaderPairs]]:
        """Return the pairs for every subgraph, and those for the subgraphs that have rules of their own."""
        pairs = self._general.pairs(headers)
        if not self._by_subgraph:
            return (*pairs, *self._secret_pair) if self._secret_pair else pairs, {}
        own = {name: rules.pairs(headers) for name, rules in self._by_subgraph.items()}
        return (*pairs, *self._secret_pair), own


def identity_of(pairs: HeaderPairs, own: Mapping[str, HeaderPairs]) -> str:
    """Return a text that two requests share only if no subgraph can tell them apart by what is forwarded."""
    parts = [b"%b:%b" % pair for pair in pairs if pair[0] not in _NOT_IDENTITY]
    for name, extra in own.items():
        parts.extend(b"%b/%b:%b" % (name.encode(), *pair) for pair in extra if pair[0] not in _NOT_IDENTITY)
    return b"\n".join(parts).decode("latin-1")


def signed_secret(secret: bytes, body: bytes, now: float | None = None) -> tuple[bytes, bytes]:
    """Return x-gateway-secret as `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, so that a
    replay grows old.
    """
    timestamp = str(int(time.time() if now is None else now)).encode()
    digest = hmac.new(secret, timestamp + b"." + body, sha256).hexdigest()
    return SECRET_HEADER, b"t=%b,v1=%b" % (timestamp, digest.encode())


class ResponseHeaderRules:
    """From the response headers of all fetches of a request to what the client is given."""

    def __init__(self, rules: HeaderRules) -> None:
        self._first = frozenset(name.encode() for name in rules.return_first)
        self._all = frozenset(name.encode() for name in rules.return_all)
        self.is_empty = not (self._first or self._all)

    def pairs(self, answers: Iterable[HeaderPairs]) -> HeaderPairs:
        """Return the client's pairs; `answers` are the headers of one fetch each, in the order in which
        they arrived.
        """
        seen: set[bytes] = set()
        pairs: list[tuple[bytes, bytes]] = []
        for headers in answers:
            for raw_name, value in headers:
                name = raw_name.lower()
                if name in self._all or (name in self._first and name not in seen):
                    seen.add(name)
                    pairs.append((name, value))
        return tuple(pairs)
