"""Refuse what a page of another site can make a browser send without asking us first (cross-site request forgery)."""

from __future__ import annotations

from collections.abc import Mapping

from .refusals import PreflightRequired
from .settings_safety import CsrfSettings

# What a browser sends across sites without a preflight (Fetch standard, "CORS-safelisted request-header").
_SIMPLE_CONTENT_TYPES = frozenset({b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data"})
# Browsers set this header themselves and let no script change it.
_SAME_SITE = frozenset({b"same-origin", b"none"})


class CsrfGuard:
    """Checks each request before it is read."""

    def __init__(self, settings: CsrfSettings) -> None:
        self._enabled = settings.enabled
        self._headers = tuple(name.encode() for name in settings.headers)

    def check(self, method: str, headers: Mapping[bytes, bytes]) -> None:
        """Raises PreflightRequired for a simple request that nothing vouches for."""
        if not self._enabled:
            return
        content_type = headers.get(b"content-type", b"")
        if content_type == b"application/json":
            return
        if content_type.partition(b";")[0].strip().lower() not in _SIMPLE_CONTENT_TYPES:
            return
        if headers.get(b"sec-fetch-site") in _SAME_SITE or any(name in headers for name in self._headers):
            return
        # A POST of a simple type is refused for its type anyway, and with a better message.
        if method == "POST":
            return
        names = ", ".join(name.decode() for name in self._headers)
        raise PreflightRequired(
            f"This request could have been forged by another site. Send content-type: application/json, or one of: {names}."
        )
