"""Read the value of @fromContext: `$name selection`."""

from __future__ import annotations

import re

_IGNORED = r"(?:[\n\r\t ,]|#[^\n\r]*(?![^\n\r]))*"
_CONTEXT = re.compile(rf"{_IGNORED}\${_IGNORED}([A-Za-z_]\w*(?!\w))([\s\S]*)", re.ASCII)


def parse_context(value: object) -> tuple[str | None, str]:
    """The name of the context, None if there is none, and the selection on the types that set it."""
    match = _CONTEXT.match(value) if isinstance(value, str) else None
    return (match[1], match[2]) if match else (None, "")
