"""The subgraphs there are, in order, with their ports: read from `schema/supergraph.toml`, the one place that lists them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

SUPERGRAPH_CONFIG = Path(__file__).resolve().parents[1] / "schema" / "supergraph.toml"


@cache
def subgraph_ports() -> dict[str, int]:
    """Each subgraph's name and its default port."""
    config = tomllib.loads(SUPERGRAPH_CONFIG.read_text(encoding="utf-8"))
    return {name: urlsplit(entry["url"]).port or 80 for name, entry in config["subgraphs"].items()}


def subgraph_names() -> tuple[str, ...]:
    return tuple(subgraph_ports())
