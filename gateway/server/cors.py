"""Cross-origin resource sharing: which pages may read our answers
(https://fetch.spec.whatwg.org/#http-cors-protocol).
"""

from __future__ import annotations

from collections.abc import Mapping

from .refusals import HeaderPairs
from .settings_safety import CorsSettings


class Cors:
    """The headers for each origin, built once and looked up."""

    def __init__(self, settings: CorsSettings) -> None:
        self._any = "*" in settings.origins and not settings.credentials
        self._origins = frozenset(origin.encode() for origin in settings.origins)
        self._exposed = ", ".join(settings.response_headers).encode()
        self._allowed = ", ".join(settings.request_headers).encode()
        self._credentials = settings.credentials
        self._max_age = str(settings.max_age).encode()
        # The answer depends on the origin: caches must know, also when this one gets nothing.
        self._vary: HeaderPairs = () if self._any or not self._origins else ((b"vary", b"origin"),)

    def response_headers(self, origin: bytes | None) -> HeaderPairs:
        """Return the headers of an answer."""
        if origin is None or not self._allows(origin):
            return self._vary
        pairs = [(b"access-control-allow-origin", b"*" if self._any else origin), *self._vary]
        if self._credentials:
            pairs.append((b"access-control-allow-credentials", b"true"))
        if self._exposed:
            pairs.append((b"access-control-expose-headers", self._exposed))
        return tuple(pairs)

    def preflight_headers(self, headers: Mapping[bytes, bytes]) -> HeaderPairs:
        """Return the headers of the answer to OPTIONS; empty when it is no preflight or the origin is not allowed."""
        origin = headers.get(b"origin")
        if origin is None or not self._allows(origin) or b"access-control-request-method" not in headers:
            return ()
        asked = self._allowed or headers.get(b"access-control-request-headers", b"")
        pairs = [
            *self.response_headers(origin),
            (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
            (b"access-control-max-age", self._max_age),
        ]
        if asked:
            pairs.append((b"access-control-allow-headers", asked))
        return tuple(pairs)

    def _allows(self, origin: bytes) -> bool:
        return self._any or origin in self._origins
