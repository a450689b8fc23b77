"""The page for a browser that opens the GraphQL path: GraphiQL from the bundle built beside it, or else from a CDN."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .built_files import built_file
from .media_types import Accepted

BUNDLE = Path(__file__).parent / "explorer_dist"
ASSET_PREFIX = "/explorer/"

_CDN_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL</title>
<style>
  body { margin: 0; height: 100vh; display: flex; flex-direction: column; font-family: system-ui, sans-serif }
  #note { padding: 6px 12px; background: #fff3cd; color: #533f03; font-size: 13px }
  #graphiql { flex: 1; min-height: 0 }
</style>
<link rel="stylesheet" href="https://unpkg.com/graphiql@3.8.3/graphiql.min.css">
</head>
<body>
<div id="note">This page loads GraphiQL from unpkg.com because the bundle that works offline is not built: run
<code>./just web</code>. Until then the endpoint is at <code>POST __PATH__</code>.</div>
<div id="graphiql">Loading…</div>
<script crossorigin src="https://unpkg.com/react@18/umd/react.production.min.js"></script>
<script crossorigin src="https://unpkg.com/react-dom@18/umd/react-dom.production.min.js"></script>
<script crossorigin src="https://unpkg.com/graphiql@3.8.3/graphiql.min.js"></script>
<script>
  const socket = location.protocol.replace("http", "ws") + "//" + location.host + "__PATH__";
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: "__PATH__", subscriptionUrl: socket }),
      defaultEditorToolsVisibility: true,
    }),
  );
</script>
</body>
</html>
"""


class Explorer:
    """Decides when a browser gets a page, and which."""

    def __init__(self, enabled: bool, path: str, bundle: Path = BUNDLE) -> None:
        self._enabled = enabled
        self._path = path
        self._bundle = bundle

    def is_wanted(self, accepted: Accepted, query_string: bytes) -> bool:
        """Tell whether a GET is somebody who opens the address, and not a query."""
        return self._enabled and accepted.html and b"query=" not in query_string

    def page(self) -> bytes:
        """Return the page; read each time, so that a bundle built later is seen without a restart."""
        index = self._bundle / "index.html"
        if index.is_file():
            return index.read_bytes()
        return _CDN_PAGE.replace("__PATH__", self._path).encode()

    async def asset(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file of the bundle."""
        name = scope["path"].removeprefix(ASSET_PREFIX)
        file = (self._bundle / name).resolve()
        if not self._enabled or not file.is_relative_to(self._bundle.resolve()) or not file.is_file():
            return await Response("Not found", 404)(scope, receive, send)
        return await built_file(scope, file, name)(scope, receive, send)
