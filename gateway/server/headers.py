"""Header propagation both ways: which headers of a client reach which subgraph, and which of their answers reach the
client.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable, Mapping
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

SECRET_HEADER = b"x-gateway-secret"
SIGNATURE_AGE = 10.0  # seconds for which a signature is used


class RequestHeaderRules:
    """The compiled form of one `HeaderRules`: from a client's headers to the pairs for subgraphs."""

    def __init__(self, rules: HeaderRules, secret: HeaderPairs = ()) -> None:
        names = {name.encode(): name.encode() for name in rules.forward}
        names.update({name.encode(): target.encode() for name, target in rules.rename.items()})
        ignored = {name.encode() for name in rules.ignored_for_sharing}
        self._names = tuple(
            (source, target, target not in ignored)
            for source, target in names.items()
            if target not in _NEVER_FORWARDED
        )
        self._constant = (
            *((name.encode(), value.encode("latin-1")) for name, value in rules.insert.items()),
            *secret,
        )

    def pairs(self, headers: Mapping[bytes, bytes]) -> tuple[HeaderPairs, str]:
        """Return what is sent on, and the identity in it: what two requests share only if no subgraph can tell them
        apart.
        """
        found = []
        identity = b""
        for source, target, tells_identity in self._names:
            value = headers.get(source)
            if value is not None:
                found.append((target, value))
                if tells_identity:
                    identity += b"%b:%b\n" % (target, value)
        return (*found, *self._constant), identity.decode("latin-1") if identity else ""


class HeaderPropagation:
    """All request rules of the settings, and the secret that tells subgraphs that it is the gateway who asks."""

    def __init__(self, settings: Settings) -> None:
        secret: HeaderPairs = ()
        if settings.subgraph_secret is not None and settings.subgraph_secret_mode == "plain":
            secret = ((SECRET_HEADER, settings.subgraph_secret.get_secret_value().encode()),)
        self._general = RequestHeaderRules(settings.headers, secret)
        self._by_subgraph = {
            name: RequestHeaderRules(subgraph.headers)
            for name, subgraph in settings.subgraphs.items()
            if subgraph.headers is not None
        }
        self._signed: SignedSecret | None = None
        if settings.subgraph_secret is not None and settings.subgraph_secret_mode == "signed":
            self._signed = SignedSecret(settings.subgraph_secret.get_secret_value())

    def for_subgraphs(self, headers: Mapping[bytes, bytes]) -> tuple[HeaderPairs, Mapping[str, HeaderPairs], str]:
        """Return the pairs for every subgraph, those for the subgraphs that have rules of their own, and the
        identity.
        """
        pairs, identity = self._general.pairs(headers)
        if self._signed is not None:
            pairs = (*pairs, self._signed.pair())
        if not self._by_subgraph:
            return pairs, _NOTHING, identity
        own = {}
        for name, rules in self._by_subgraph.items():
            own[name], own_identity = rules.pairs(headers)
            identity += f"{name}/{own_identity}" if own_identity else ""
        return pairs, own, identity


_NOTHING: Mapping[str, HeaderPairs] = {}


class SignedSecret:
    """x-gateway-secret as `t=<unix seconds>,v1=<hex HMAC-SHA256 of t>`: who reads one in a log cannot use it for long.

    A subgraph computes the HMAC with the shared secret and refuses a `t` that is more than 60 s away.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._made_at = float("-inf")
        self._pair = (SECRET_HEADER, b"")

    def pair(self) -> tuple[bytes, bytes]:
        """Return the header for now; one is used for some seconds, which also lets identical fetches be told."""
        now = self._clock()
        if now - self._made_at >= SIGNATURE_AGE:
            self._made_at = now
            timestamp = str(int(now)).encode()
            digest = hmac.new(self._secret, timestamp, sha256).hexdigest()
            self._pair = (SECRET_HEADER, b"t=%b,v1=%b" % (timestamp, digest.encode()))
        return self._pair


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
