"""Which media types a client accepts, and so in which form it is answered."""

from __future__ import annotations

from dataclasses import dataclass

GRAPHQL_RESPONSE = b"application/graphql-response+json; charset=utf-8"
JSON = b"application/json; charset=utf-8"
EVENT_STREAM = b"text/event-stream; charset=utf-8"
HTML = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an Accept header allows."""

    single: bytes | None
    """Content type of an answer in one piece; None when neither JSON type is accepted."""
    event_stream: bool
    """Server-sent events (graphql-sse, distinct connections)."""
    multipart_subscription: bool
    """multipart/mixed;subscriptionSpec=1.0 (Apollo)."""
    multipart_incremental: bool
    """multipart/mixed for @defer."""
    html: bool
    """A browser that opens the address."""
    is_plain: bool
    """An answer in one piece, and nothing else."""

    @property
    def is_strict(self) -> bool:
        """Whether the HTTP status tells request errors (the older media type answers them with 200)."""
        return self.single is GRAPHQL_RESPONSE


# Clients send few different Accept headers; the bound keeps hostile ones from filling the memory.
_CACHE_SIZE = 500
_cache: dict[bytes, Accepted] = {}


def accepted_types(header: bytes) -> Accepted:
    """Read an Accept header; an empty one accepts everything, and means application/json (the spec's legacy rule)."""
    accepted = _cache.get(header)
    if accepted is None:
        accepted = _read(header)
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        _cache[header] = accepted
    return accepted


def is_json_content(content_type: bytes) -> bool:
    """Tell whether a Content-Type says JSON in UTF-8 (the charset may be left out)."""
    if content_type == b"application/json":
        return True
    media_type, *parameters = content_type.lower().split(b";")
    if media_type.strip() != b"application/json":
        return False
    charsets = [
        value.strip(b' "') for name, _, value in (p.partition(b"=") for p in parameters) if name.strip() == b"charset"
    ]
    return all(charset in {b"utf-8", b"utf8"} for charset in charsets)


def _read(header: bytes) -> Accepted:
    ranges = _media_ranges(header) or {b"*/*": (1.0, b"")}
    json_quality = max(_quality(ranges, name) for name in (b"application/json", b"application/*", b"*/*"))
    response_quality = _quality(ranges, b"application/graphql-response+json")
    single = None
    if response_quality > 0 and response_quality >= _quality(ranges, b"application/json"):
        single = GRAPHQL_RESPONSE
    elif json_quality > 0:
        single = JSON
    multipart = ranges.get(b"multipart/mixed")
    subscription_spec = multipart is not None and b"subscriptionspec=" in multipart[1]
    event_stream = _quality(ranges, b"text/event-stream") > 0
    return Accepted(
        single=single,
        event_stream=event_stream,
        multipart_subscription=subscription_spec,
        multipart_incremental=multipart is not None and not subscription_spec,
        html=_quality(ranges, b"text/html") > 0,
        is_plain=single is not None and multipart is None and not event_stream,
    )


def _media_ranges(header: bytes) -> dict[bytes, tuple[float, bytes]]:
    ranges: dict[bytes, tuple[float, bytes]] = {}
    for item in header.lower().split(b","):
        name, _, parameters = item.partition(b";")
        quality = 1.0
        for parameter in parameters.split(b";"):
            key, _, value = parameter.strip().partition(b"=")
            if key == b"q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if name.strip():
            ranges[name.strip()] = (quality, parameters.replace(b" ", b"").replace(b'"', b""))
    return ranges


def _quality(ranges: dict[bytes, tuple[float, bytes]], name: bytes) -> float:
    return ranges.get(name, (0.0, b""))[0]
