"""Ask running subgraphs for their SDL and compose what they say."""

from __future__ import annotations

import asyncio

import orjson
import structlog

from ..errors import GatewayError, SubgraphProtocolError
from ..transport import HttpTransport, SubgraphRequest
from .refusals import HeaderPairs
from .supergraph_source import ListedSubgraph, SupergraphSource, composed, read_text

logger = structlog.get_logger("gateway")

_SDL_QUERY = b'{"query":"{ _service { sdl } }"}'
TIMEOUT = 5.0  # seconds


class SdlPoll:
    """Remembers the last SDL of each subgraph: one that is down now keeps its place in the supergraph."""

    def __init__(self, source: SupergraphSource, headers: HeaderPairs = ()) -> None:
        self._source = source
        self._headers = headers
        self._known: dict[str, str] = {}

    async def read(self) -> str | None:
        """Return the supergraph SDL; None while a subgraph has never answered. Raises GatewayError."""
        listed = self._source.subgraphs()
        answers = await asyncio.gather(*(self._ask(subgraph) for subgraph in listed))
        definitions = [
            (subgraph.name, subgraph.url, sdl) for subgraph, sdl in zip(listed, answers, strict=True) if sdl is not None
        ]
        if len(definitions) < len(listed):
            return None
        # Composition takes a moment: the event loop goes on meanwhile.
        return await asyncio.to_thread(composed, definitions)

    async def _ask(self, subgraph: ListedSubgraph) -> str | None:
        transport = HttpTransport(subgraph.name, subgraph.url)
        request = SubgraphRequest(subgraph.name, _SDL_QUERY, "query", headers=self._headers, timeout=TIMEOUT)
        try:
            response = await transport.execute(request)
            self._known[subgraph.name] = _sdl_of(subgraph.name, response.body)
        except GatewayError as error:
            logger.warning("sdl.not_told", subgraph=subgraph.name, problem=error.message)
            if subgraph.name not in self._known and subgraph.sdl_file is not None:
                return read_text(subgraph.sdl_file, f"SDL of subgraph {subgraph.name}")
        finally:
            await transport.aclose()
        return self._known.get(subgraph.name)


def _sdl_of(subgraph_name: str, body: bytes) -> str:
    try:
        sdl = orjson.loads(body)["data"]["_service"]["sdl"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise SubgraphProtocolError(subgraph_name, f"subgraph {subgraph_name} does not tell its SDL") from error
    if not isinstance(sdl, str):
        raise SubgraphProtocolError(subgraph_name, f"the SDL of subgraph {subgraph_name} is not a string")
    return sdl
