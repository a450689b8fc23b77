"""Who is measured: how each gateway is started, and in which class it plays.

Classes: `none` collapses nothing, `subgraph` collapses equal fetches in flight (Hive Gateway always does), `inbound` also equal requests.
Only rows of one class can be compared: under a load of one repeated query, collapsing hides what a gateway really costs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """What a contender is started with."""

    port: int
    supergraph: Path
    peers: Path
    node: str


@dataclass(frozen=True, slots=True)
class Contender:
    """One gateway in one configuration."""

    name: str
    collapses: str
    command: Callable[[Place], list[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = "/graphql"
    is_peer: bool = False


def _tandem(collapses: str) -> Contender:
    return Contender(
        "Tandem gateway",
        collapses,
        lambda place: [
            *(sys.executable, "-m", "gateway", "serve", "--port", str(place.port)),
            *("--supergraph", str(place.supergraph)),
        ],
        {
            "GATEWAY_TRAFFIC__COLLAPSE_IDENTICAL_FETCHES": "false" if collapses == "none" else "true",
            "GATEWAY_TRAFFIC__COLLAPSE_IDENTICAL_REQUESTS": "true" if collapses == "inbound" else "false",
        },
    )


def _engine(collapses: str) -> Contender:
    command = [sys.executable, "-m", "bench.gateway.engine_app"]
    return Contender(
        "Tandem's engine alone",
        collapses,
        lambda place: [*command, str(place.port), str(place.supergraph), collapses],
    )


def _hive(*options: str) -> Callable[[Place], list[str]]:
    def command(place: Place) -> list[str]:
        script = str(place.peers / "node_modules/@graphql-hive/gateway/dist/bin.js")
        where = ["--host", "127.0.0.1", "--port", str(place.port), "-c", str(place.peers / "hive.config.js")]
        return [place.node, script, "supergraph", str(place.supergraph), *where, *options]

    return command


CONTENDERS = (
    _tandem("none"),
    _tandem("subgraph"),
    _tandem("inbound"),
    _engine("none"),
    Contender(
        "Apollo Gateway 2.14.4",
        "none",
        lambda place: [place.node, str(place.peers / "apollo.js"), str(place.port), str(place.supergraph)],
        {"NODE_ENV": "production"},
        path="/",
        is_peer=True,
    ),
    Contender("Hive Gateway 2.15.1 --jit", "subgraph", _hive("--jit"), {"NODE_ENV": "production"}, is_peer=True),
    Contender(
        "Hive Gateway 2.15.1 router-runtime",
        "subgraph",
        _hive("--hive-router-runtime"),
        {"NODE_ENV": "production"},
        is_peer=True,
    ),
    Contender(
        "Hive Gateway 2.15.1 router-runtime",
        "inbound",
        _hive("--hive-router-runtime"),
        {"NODE_ENV": "production", "HIVE_COLLAPSE": "1"},
        is_peer=True,
    ),
)
