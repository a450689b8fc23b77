"""Decide which processes make up the system on this machine, and what each is told through its environment."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from subgraphs.registry import subgraph_names

from .processes import ProcessSpec

ROOT = Path(__file__).resolve().parents[2]
# The seed's names of the variables in which services find each other, where they differ from NAME_SERVICE_URL.
URL_VARIABLES = {"users": "USER_SERVICE_URL", "questions": "QUESTION_SERVICE_URL"}
GATEWAY_CONFIG = ROOT / "deploy" / "gateway.toml"
SUPERGRAPH = ROOT / "schema" / "supergraph.graphql"
# No load balancer has to notice that the gateway goes: it may stop at once.
WITHOUT_LOAD_BALANCER = ("[shutdown]", "grace = 0")
# The front end to try everything in; `./just web` builds it.
PRACTICE_PAGE = ("[[pages]]", 'path = "/practice"', f'folder = "{(ROOT / "web" / "dist" / "practice").as_posix()}"')


@dataclass(frozen=True, slots=True)
class LocalSystem:
    """Where everything is: the gateway at `first_port`, the subgraphs at the ports after it, state in `data_folder`."""

    data_folder: Path
    host: str = "127.0.0.1"
    first_port: int = 4000

    @property
    def ports(self) -> dict[str, int]:
        return {name: self.first_port + offset for offset, name in enumerate(("gateway", *subgraph_names()))}

    def url(self, name: str) -> str:
        return f"http://{self.host}:{self.ports[name]}"

    @property
    def log_folder(self) -> Path:
        return self.data_folder / "logs"


def subgraph_specs(
    system: LocalSystem, database_urls: Mapping[str, str], bus_url: str, secret: str
) -> list[ProcessSpec]:
    """The four subgraphs, each by itself on its own database URL."""
    urls = {URL_VARIABLES.get(name, f"{name.upper()}_SERVICE_URL"): system.url(name) for name in subgraph_names()}
    return [
        ProcessSpec(
            name=name,
            command=[sys.executable, "-m", "subgraphs", "serve", name],
            environment={
                **urls,
                "HOST": system.host,
                "PORT": str(system.ports[name]),
                "DATABASE_URL": database_urls[name],
                "EVENT_BUS_URL": bus_url,
                "SERVICE_SECRET": secret,
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
            },
            ready_url=f"{system.url(name)}/ready",
            stop_order=1,
        )
        for name in subgraph_names()
    ]


def gateway_spec(system: LocalSystem, secret: str) -> ProcessSpec:
    """The gateway, on the committed supergraph; the subgraphs' addresses come from a file written for this run."""
    config = _write_gateway_config(system)
    return ProcessSpec(
        name="gateway",
        command=[
            *(sys.executable, "-m", "gateway", "serve"),
            *("--config", str(config), "--supergraph", str(SUPERGRAPH)),
            *("--host", system.host, "--port", str(system.ports["gateway"])),
        ],
        environment={"GATEWAY_SUBGRAPH_SECRET": secret, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        ready_url=f"{system.url('gateway')}/ready",
    )


def service_secret(data_folder: Path) -> str:
    """The secret by which the services of this machine know each other; made once, readable by its owner only."""
    path = data_folder / "service_secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _write_gateway_config(system: LocalSystem) -> Path:
    lines = [GATEWAY_CONFIG.read_text(encoding="utf-8").rstrip(), "", *WITHOUT_LOAD_BALANCER, "", *PRACTICE_PAGE]
    for name in subgraph_names():
        lines += ["", f"[subgraphs.{name}]", f'url = "{system.url(name)}/graphql"']
    path = system.data_folder / "gateway.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
