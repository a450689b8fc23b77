"""Folders of built pages at paths beside GraphQL, for front ends that are served from the gateway's own origin."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from .built_files import built_file
from .settings import PageSettings

# Pages may load and reach nothing but this origin; editors write style elements of their own.
_SECURITY = {
    "content-security-policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Pages:
    """Decides which file answers a path. Folders are looked at each time, so that a later build needs no restart."""

    def __init__(self, settings: tuple[PageSettings, ...]) -> None:
        self._folders = [(page.path, Path(page.folder).resolve()) for page in settings]

    def folder_of(self, path: str) -> tuple[str, Path] | None:
        """Return the prefix and the folder that a path belongs to."""
        for prefix, folder in self._folders:
            if path == prefix or path.startswith(f"{prefix}/"):
                return prefix, folder
        return None

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, or with index.html for an address within the page."""
        found = self.folder_of(scope["path"])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            return await PlainTextResponse("Not found", 404)(scope, receive, send)
        prefix, folder = found
        name = scope["path"].removeprefix(prefix).lstrip("/")
        file = (folder / name).resolve()
        if not file.is_relative_to(folder):
            return await PlainTextResponse("Not found", 404)(scope, receive, send)
        # A name without a dot is an address within the page: the page itself finds out what to show.
        if "." not in file.name or file == folder:
            file = folder / "index.html"
        if not file.is_file():
            word = "Not found" if (folder / "index.html").is_file() else "This page is not built yet: run ./just web."
            return await PlainTextResponse(word, 404)(scope, receive, send)
        return await built_file(scope, file, name, _SECURITY)(scope, receive, send)
