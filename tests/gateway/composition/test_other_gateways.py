"""Both ways: a supergraph that we composed runs in Apollo's and in the Guild's gateway, and ours runs what Apollo composed.

The gateways are the real ones from npm, the subgraphs answer over real HTTP, and each answer is compared in full.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from gateway.composition import SubgraphDefinition, compose
from gateway.execution import Executor, OperationCache
from gateway.planning import Planner
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.federation.harness import Federation, Fixture
from tests.gateway.npm import npm_folder

pytestmark = [
    pytest.mark.node,
    pytest.mark.slow,  # the packages are 250 MB
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("npm") is None, reason="Node.js with npm is not installed"),
]

PACKAGES = (
    "@apollo/composition@2.14.4",
    "@apollo/gateway@2.14.4",
    "@apollo/server@5",
    "@graphql-hive/gateway@2.15.1",
    "graphql@16",
)
START_TIMEOUT = 120  # seconds until a gateway must answer; machines that run tests are busy

APOLLO_GATEWAY = """
import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
const [port, supergraph] = process.argv.slice(2);
const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl: readFileSync(supergraph, "utf8") }) });
await startStandaloneServer(server, { listen: { port: Number(port), host: "127.0.0.1" } });
"""
HIVE_CONFIG = """
import { defineConfig } from "@graphql-hive/gateway";
export const gatewayConfig = defineConfig({ logging: false, landingPage: false });
"""
COMPOSE = """
import { readFileSync } from "node:fs";
import composition from "@apollo/composition";
import { parse } from "graphql";
const subgraphs = JSON.parse(readFileSync(process.argv[2], "utf8"));
const result = composition.composeServices(subgraphs.map((s) => ({ name: s.name, url: s.url, typeDefs: parse(s.sdl) })));
if (result.errors) throw new Error(result.errors.map((error) => error.message).join("\\n"));
process.stdout.write(result.supergraphSdl);
"""

CATALOG = Fixture(
    "catalog",
    """
type Query { products(first: Int = 2, filter: Filter): [Product!]! media: [Media!]! search: [Found!]! }
type Mutation { rename(upc: ID!, name: String!): Product }
input Filter { color: Color = RED }
enum Color { RED GREEN }
union Found = Product | Book
interface Media @key(fields: "id") { id: ID! title: String! }
type Book implements Media @key(fields: "id") { id: ID! title: String! pages: Int! }
type Film implements Media @key(fields: "id") { id: ID! title: String! minutes: Int! }
type Product @key(fields: "upc") @key(fields: "maker { id }") {
  upc: ID!
  name: String! @shareable
  color: Color!
  size: Size! @shareable
  weight: Int! @inaccessible
  maker: Maker!
}
type Maker { id: ID! }
type Size @shareable { height: Int! width: Int! }
""",
    rows={
        "Product": [
            {"upc": "1", "name": "Chair", "color": "RED", "size": {"height": 90, "width": 40}, "maker": {"id": "m1"}},
            {
                "upc": "2",
                "name": "Table",
                "color": "GREEN",
                "size": {"height": 70, "width": 120},
                "maker": {"id": "m2"},
            },
        ],
        "Book": [{"__typename": "Book", "id": "b", "title": "Dune", "pages": 412}],
        "Film": [{"__typename": "Film", "id": "f", "title": "Alien", "minutes": 117}],
    },
    fields={"Product.weight": lambda row: 7000 if row["upc"] == "1" else 20_000},
)
CATALOG.roots = {
    "products": lambda first, filter=None: CATALOG.rows["Product"][:first],
    "media": lambda: [CATALOG.rows["Book"][0], CATALOG.rows["Film"][0]],
    "search": lambda: [{**CATALOG.rows["Product"][0], "__typename": "Product"}, CATALOG.rows["Book"][0]],
    "rename": lambda upc, name: {**CATALOG.rows["Product"][int(upc) - 1], "name": name},
}
STOCK = Fixture(
    "stock",
    """
type Query { cheapest: Product @provides(fields: "name") }
type Product @key(fields: "upc") {
  upc: ID!
  name: String! @external
  weight: Int! @external
  size: Size! @external
  inStock: Int!
  shipping(fast: Boolean = false): Int! @requires(fields: "weight size { height }")
}
type Size @shareable { height: Int! }
""",
    rows={"Product": [{"upc": "1", "inStock": 3}, {"upc": "2", "inStock": 0}]},
    roots={"cheapest": {"upc": "2", "name": "Table"}},
    fields={
        "Product.shipping": lambda row, fast: row["weight"] // 1000 + row["size"]["height"] + (100 if fast else 0),
    },
)
REVIEWS = Fixture(
    "reviews",
    """
type Media @interfaceObject @key(fields: "id") { id: ID! stars: [Int!]! }
type Product @key(fields: "maker { id }") { maker: Maker! warranty: String! color: Color! @override(from: "catalog") }
type Maker { id: ID! @shareable }
enum Color { RED GREEN }
""",
    rows={
        "Media": [{"id": "b", "stars": [5, 4]}, {"id": "f", "stars": []}],
        "Product": [
            {"maker": {"id": "m1"}, "warranty": "2 years", "color": "GREEN"},
            {"maker": {"id": "m2"}, "warranty": "none", "color": "GREEN"},
        ],
    },
)

ANSWERS: dict[str, Any] = {
    "{ products { upc name color inStock shipping quick: shipping(fast: true) warranty } }": {
        "products": [
            {
                "upc": "1",
                "name": "Chair",
                "color": "GREEN",
                "inStock": 3,
                "shipping": 97,
                "quick": 197,
                "warranty": "2 years",
            },
            {
                "upc": "2",
                "name": "Table",
                "color": "GREEN",
                "inStock": 0,
                "shipping": 90,
                "quick": 190,
                "warranty": "none",
            },
        ]
    },
    "{ media { __typename title stars ... on Book { pages } ... on Film { minutes } } }": {
        "media": [
            {"__typename": "Book", "title": "Dune", "stars": [5, 4], "pages": 412},
            {"__typename": "Film", "title": "Alien", "stars": [], "minutes": 117},
        ]
    },
    "{ search { ... on Product { upc size { width } inStock } ... on Book { title stars } } }": {
        "search": [{"upc": "1", "size": {"width": 40}, "inStock": 3}, {"title": "Dune", "stars": [5, 4]}]
    },
    "{ cheapest { name maker { id } } products(first: 1) { upc } }": {
        "cheapest": {"name": "Table", "maker": {"id": "m2"}},
        "products": [{"upc": "1"}],
    },
    'mutation { rename(upc: "2", name: "Desk") { name inStock } }': {"rename": {"name": "Desk", "inStock": 0}},
}


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where the gateways are installed, with the scripts that start them."""
    folder = npm_folder("peers", PACKAGES, 500)
    (folder / "apollo.mjs").write_text(APOLLO_GATEWAY)
    (folder / "hive.config.mjs").write_text(HIVE_CONFIG)
    (folder / "compose.mjs").write_text(COMPOSE)
    return folder


@pytest.fixture
async def shop() -> AsyncIterator[Federation]:
    async with Federation(CATALOG, STOCK, REVIEWS) as federation:
        yield federation


async def test_our_supergraph_runs_in_apollo_gateway(shop: Federation, folder: Path, tmp_path: Path) -> None:
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(composed_by_us(shop))
    port = _free_port()
    async with _serving(["node", "apollo.mjs", str(port), str(supergraph)], folder, f"http://127.0.0.1:{port}/") as url:
        for operation, expected in ANSWERS.items():
            assert await _ask(url, operation) == {"data": expected}


@pytest.mark.parametrize("options", [(), ("--hive-router-runtime",)], ids=["stitching", "router-runtime"])
async def test_our_supergraph_runs_in_hive_gateway(
    shop: Federation, folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(composed_by_us(shop))
    port = _free_port()
    script = "node_modules/@graphql-hive/gateway/dist/bin.js"
    where = ["--host", "127.0.0.1", "--port", str(port), "-c", str(folder / "hive.config.mjs")]
    command = ["node", script, "supergraph", str(supergraph), *where, *options]
    async with _serving(command, folder, f"http://127.0.0.1:{port}/graphql") as url:
        for operation, expected in ANSWERS.items():
            # Hive Gateway 2.15.1 never asks for fields of an @interfaceObject here, with the reference's supergraph neither.
            if "stars" in operation:
                continue
            assert await _ask(url, operation) == {"data": expected}


async def test_we_run_what_apollo_composed(shop: Federation, folder: Path, tmp_path: Path) -> None:
    subgraphs = tmp_path / "subgraphs.json"
    subgraphs.write_text(json.dumps([asdict(definition) for definition in definitions_of(shop)]))
    composed = await asyncio.to_thread(
        subprocess.run,
        ["node", "compose.mjs", str(subgraphs)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT,
        check=False,
    )
    assert composed.returncode == 0, composed.stderr
    supergraph = supergraph_from_sdl(composed.stdout)
    cache = OperationCache(supergraph.api_schema, Planner(supergraph))
    executor = Executor(shop.transports)
    for operation, expected in ANSWERS.items():
        result = await executor.execute(cache.prepare(operation), None, shop.context)
        assert json.loads(result.to_bytes()) == {"data": expected}


def definitions_of(shop: Federation) -> list[SubgraphDefinition]:
    urls = {subgraph.name: subgraph.url for subgraph in shop.supergraph.subgraphs.values()}
    return [
        SubgraphDefinition(fixture.name, urls[fixture.name], fixture.full_sdl) for fixture in (CATALOG, STOCK, REVIEWS)
    ]


def composed_by_us(shop: Federation) -> str:
    sdl = compose(definitions_of(shop)).supergraph_sdl
    assert sdl is not None
    return sdl


@asynccontextmanager
async def _serving(command: list[str], folder: Path, url: str) -> AsyncIterator[str]:
    """A gateway's process, from its first answer on; ended with the block."""
    with tempfile.TemporaryFile() as log:
        environment = {**os.environ, "NODE_ENV": "production", "APOLLO_TELEMETRY_DISABLED": "true"}
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            end = asyncio.get_running_loop().time() + START_TIMEOUT
            while not await _answers(url):
                if process.returncode is not None or asyncio.get_running_loop().time() > end:
                    log.seek(0)
                    pytest.fail(f"{command} does not answer:\n{log.read().decode()[-3000:]}")
                await asyncio.sleep(0.2)
            yield url
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _answers(url: str) -> bool:
    try:
        return "data" in await _ask(url, "{ __typename }")
    except (OSError, ValueError):
        return False


async def _ask(url: str, operation: str) -> Any:
    def ask() -> Any:
        headers = {"content-type": "application/json", "accept": "application/json"}
        request = Request(url, json.dumps({"query": operation}).encode(), headers)
        with urlopen(request, timeout=START_TIMEOUT) as response:
            return json.load(response)

    return await asyncio.to_thread(ask)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
