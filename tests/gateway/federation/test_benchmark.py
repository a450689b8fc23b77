"""The benchmark's shop, whole: right answers with our own data and, where it is at hand, with the original's."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from bench.gateway.catalogue import Catalogue, catalogue_from_file, our_catalogue
from bench.gateway.monolith import heavy_answer, simple_answer
from bench.gateway.subgraphs import NAMES, SubgraphServer
from gateway.composition import SubgraphDefinition, compose
from gateway.execution import Executor, OperationCache, RequestContext
from gateway.planning import Planner
from gateway.supergraph import supergraph_from_sdl
from gateway.transport import AnswerCallback, Cancellable, DispatchingTransport, SubgraphRequest, SubgraphResponse
from gateway.transport.dispatch import NOTHING_TO_CANCEL

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "bench" / "gateway"
ORIGINAL = ROOT.parent / "shared" / "bench"


class InProcess(DispatchingTransport):
    """Asks a subgraph of the benchmark without a socket."""

    def __init__(self, server: SubgraphServer, name: str) -> None:
        self._server = server
        self._path = f"/{name}".encode()

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        _, _, body = self._server.answer(self._path, request.body).partition(b"\r\n\r\n")
        on_outcome(SubgraphResponse(200, (), body))
        return NOTHING_TO_CANCEL

    async def aclose(self) -> None:
        return


async def answer(supergraph_sdl: str, query: str, catalogue: Catalogue) -> bytes:
    supergraph = supergraph_from_sdl(supergraph_sdl)
    server = SubgraphServer(catalogue)
    executor = Executor({name: InProcess(server, name) for name in NAMES})
    prepared = OperationCache(supergraph.api_schema, Planner(supergraph)).prepare(query)
    return (await executor.execute(prepared, None, RequestContext())).to_bytes()


def test_the_committed_supergraph_is_what_the_schemas_compose_to() -> None:
    definitions = [
        SubgraphDefinition(
            name, f"http://127.0.0.1:4200/{name}", (SHOP / "schema" / f"{name}.graphql").read_text(encoding="utf-8")
        )
        for name in NAMES
    ]
    assert compose(definitions).supergraph_sdl == (SHOP / "supergraph.graphql").read_text(encoding="utf-8")


async def test_the_heavy_and_the_simple_operation_are_answered_rightly() -> None:
    supergraph = (SHOP / "supergraph.graphql").read_text(encoding="utf-8")
    catalogue = our_catalogue()
    for name, expected in (("heavy", heavy_answer(catalogue)), ("simple", simple_answer(catalogue))):
        query = (SHOP / "operations" / f"{name}.graphql").read_text(encoding="utf-8")
        assert orjson.loads(await answer(supergraph, query, catalogue)) == {"data": expected}


@pytest.mark.skipif(
    not ORIGINAL.is_dir(), reason="the original benchmark's data is not beside the repository (../shared/bench)"
)
async def test_the_original_benchmark_is_answered_byte_for_byte() -> None:
    query = orjson.loads((ORIGINAL / "heavy.json").read_bytes())["query"]
    supergraph = (ORIGINAL / "supergraph.graphql").read_text(encoding="utf-8")
    expected = orjson.loads((ORIGINAL / "expected_response.json").read_bytes())
    given = await answer(supergraph, query, catalogue_from_file(ORIGINAL / "data.json"))
    assert given == orjson.dumps({"data": expected["data"]})
