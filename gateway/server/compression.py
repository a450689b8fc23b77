"""Compression of answers in one piece, where the client takes gzip (RFC 9110, 12.5.3) and there is enough to gain.

Streams stay as they are: each part of theirs must reach the client at once. Brotli is not in Python's standard library, and
at the levels that a server can afford it gains little over gzip.
"""

from __future__ import annotations

import asyncio
import zlib

from .refusals import HeaderPairs
from .settings import CompressionSettings

# From this size on compressing takes a millisecond and more, and so is done in a thread: zlib lets the others run meanwhile.
ASIDE_BYTES = 32 * 1024

_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with gzip's head and checksum
_HEADERS: HeaderPairs = ((b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))
# A cache must not give the plain answer, which has the same address, to everybody either.
_HEADERS_OF_PLAIN: HeaderPairs = ((b"vary", b"accept-encoding"),)


def compressed(body: bytes, accept_encoding: bytes, settings: CompressionSettings) -> tuple[bytes, HeaderPairs]:
    """Return the body as it is to be sent, and the headers that say so."""
    if not settings.enabled or len(body) < settings.min_bytes:
        return body, ()
    if not accepts_gzip(accept_encoding):
        return body, _HEADERS_OF_PLAIN
    compressor = zlib.compressobj(settings.level, zlib.DEFLATED, _GZIP)
    return compressor.compress(body) + compressor.flush(), _HEADERS


async def compressed_aside(
    body: bytes, accept_encoding: bytes, settings: CompressionSettings
) -> tuple[bytes, HeaderPairs]:
    """Do the same without holding up the event loop with a large answer."""
    if len(body) < ASIDE_BYTES or not accept_encoding:
        return compressed(body, accept_encoding, settings)
    return await asyncio.to_thread(compressed, body, accept_encoding, settings)


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Tell whether a client takes gzip: by its name or by `*`, unless with the weight 0."""
    wildcard = False
    for item in accept_encoding.lower().split(b","):
        coding, _, parameter = item.partition(b";")
        is_wanted = not _is_zero(parameter)
        match coding.strip():
            case b"gzip" | b"x-gzip":
                return is_wanted
            case b"*":
                wildcard = is_wanted
    return wildcard


def _is_zero(parameter: bytes) -> bool:
    name, _, weight = parameter.strip().partition(b"=")
    if name.strip() != b"q":
        return False
    try:
        return float(weight) <= 0
    except ValueError:
        return False
