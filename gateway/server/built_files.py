"""Answer with a file that a bundler made, in its compressed form where one lies beside it and the browser takes it."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Scope

_FOR_EVER = "public, max-age=31536000, immutable"


def built_file(scope: Scope, file: Path, name: str, headers: Mapping[str, str] | None = None) -> FileResponse:
    """The answer for `file`, known as `name` within its folder. `file` with .gz behind it is the same, compressed."""
    # The bundler puts a hash of the content into each name under assets/.
    age = _FOR_EVER if name.startswith("assets/") else "no-cache"
    all_headers = {"cache-control": age, "vary": "accept-encoding", **(headers or {})}
    compressed = file.with_name(f"{file.name}.gz")
    if "gzip" in Headers(scope=scope).get("accept-encoding", "") and compressed.is_file():
        media_type = mimetypes.guess_type(file.name)[0]
        return FileResponse(compressed, media_type=media_type, headers={**all_headers, "content-encoding": "gzip"})
    return FileResponse(file, headers=all_headers)
