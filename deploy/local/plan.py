"""Decide which processes make up the system on this machine, and what each is told through its environment."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from subgraphs.registry import subgraph_names

from .processes import ProcessSpec

ROOT = Path(__file__).resolve().parents[2]
# The seed's names of the variables in which services find each other, where they differ from NAME_SERVICE_URL.
URL_VARIABLES = {"users": "USER_SERVICE_URL", "questions": "QUESTION_SERVICE_URL"}
GATEWAY_CONFIG = ROOT / "deploy" / "gateway.toml"
SUPERGRAPH = ROOT / "schema" / "supergraph.graphql"
# Seconds in which a balancer notices that a replica goes, and whoever holds a connection to it lets it go: more than the 4 s that
# the gateway keeps an idle one. Without a balancer nobody has to notice.
REPLICA_NOTICE = "5"
# The front end to try everything in; `./just web` builds it.
PRACTICE_PAGE = ("[[pages]]", 'path = "/practice"', f'folder = "{(ROOT / "web" / "dist" / "practice").as_posix()}"')
REPLICA_PORTS = 100  # replicas listen from first_port + 100 on, behind a balancer at the service's own port
MAX_REPLICAS = 8
NATS_PORT = 90  # after first_port
GATEWAY_STOPS, BALANCERS_STOP, SUBGRAPHS_STOP, BUS_STOPS = range(4)


@dataclass(frozen=True, slots=True)
class LocalSystem:
    """Where everything is: the gateway at `first_port`, the subgraphs at the ports after it, state in `data_folder`."""

    data_folder: Path
    host: str = "127.0.0.1"
    first_port: int = 4000
    replicas: Mapping[str, int] = field(default_factory=dict)
    """How many processes serve a service, where it is not one."""
    uses_nats: bool = False

    @property
    def is_supervised(self) -> bool:
        """True for the shape of many machines: whatever dies is started again, as Kubernetes would."""
        return self.uses_nats or any(count > 1 for count in self.replicas.values())

    @property
    def services(self) -> tuple[str, ...]:
        return ("gateway", *subgraph_names())

    @property
    def ports(self) -> dict[str, int]:
        """The port of each service, and of what it needs beside it."""
        ports = {name: self.first_port + offset for offset, name in enumerate(self.services)}
        if self.uses_nats:
            ports["nats"] = self.first_port + NATS_PORT
        return ports

    def url(self, name: str) -> str:
        return f"http://{self.host}:{self.ports[name]}"

    def process_ports(self, name: str) -> dict[str, int]:
        """The processes that serve a service, each with its port: the service's own where there is one process."""
        count = self.replicas.get(name, 1)
        if count == 1:
            return {name: self.ports[name]}
        first = self.first_port + REPLICA_PORTS + MAX_REPLICAS * self.services.index(name)
        return {f"{name}-{number}": first + number for number in range(1, count + 1)}

    @property
    def all_ports(self) -> dict[str, int]:
        """Every port that is listened on, by process."""
        found = dict(self.ports)
        for name in self.services:
            found.update(self.process_ports(name))
        return found

    @property
    def nats_url(self) -> str:
        return f"nats://{self.host}:{self.ports['nats']}"

    @property
    def process_id_file(self) -> Path:
        """Holds the id of the process that runs the system, while it runs."""
        return self.data_folder / "up.pid"

    @property
    def log_folder(self) -> Path:
        return self.data_folder / "logs"


def subgraph_specs(
    system: LocalSystem, database_urls: Mapping[str, str], bus_url: str, secret: str
) -> list[ProcessSpec]:
    """The processes of the subgraphs, each service on its own database URL."""
    urls = {URL_VARIABLES.get(name, f"{name.upper()}_SERVICE_URL"): system.url(name) for name in subgraph_names()}
    bus = {"EVENT_BUS": "nats", "EVENT_BUS_URL": system.nats_url} if system.uses_nats else {"EVENT_BUS_URL": bus_url}
    shared = {**urls, **bus, **_python_environment(), "HOST": system.host, "SERVICE_SECRET": secret}
    return [
        ProcessSpec(
            name=process,
            command=[sys.executable, "-m", "subgraphs", "serve", name],
            environment={
                **shared,
                "PORT": str(port),
                "DATABASE_URL": database_urls[name],
                "SHUTDOWN_NOTICE": REPLICA_NOTICE if process != name else "0",
            },
            ready_url=f"http://{system.host}:{port}/ready",
            stop_order=SUBGRAPHS_STOP,
            is_replica=process != name,
            is_restarted=system.is_supervised,
        )
        for name in subgraph_names()
        for process, port in system.process_ports(name).items()
    ]


def gateway_specs(system: LocalSystem, secret: str) -> list[ProcessSpec]:
    """The gateway, on the committed supergraph; the subgraphs' addresses come from a file written for this run."""
    config = _write_gateway_config(system)
    return [
        ProcessSpec(
            name=process,
            command=[
                *(sys.executable, "-m", "gateway", "serve"),
                *("--config", str(config), "--supergraph", str(SUPERGRAPH)),
                *("--host", system.host, "--port", str(port)),
            ],
            environment={**_python_environment(), "GATEWAY_SUBGRAPH_SECRET": secret},
            ready_url=f"http://{system.host}:{port}/ready",
            stop_order=GATEWAY_STOPS,
            is_replica=process != "gateway",
            is_restarted=system.is_supervised,
        )
        for process, port in system.process_ports("gateway").items()
    ]


def balancer_specs(system: LocalSystem) -> list[ProcessSpec]:
    """One balancer at the own port of every service that has several processes."""
    found = []
    for name in system.services:
        processes = system.process_ports(name)
        if len(processes) > 1:
            targets = [part for port in processes.values() for part in ("--to", f"{system.host}:{port}")]
            found.append(
                ProcessSpec(
                    name=f"{name}-balancer",
                    command=[
                        *(sys.executable, "-m", "deploy.local.balancer"),
                        *("--listen", f"{system.host}:{system.ports[name]}"),
                        *targets,
                    ],
                    environment=_python_environment(),
                    ready_url=f"{system.url(name)}/health",
                    stop_order=BALANCERS_STOP,
                    is_restarted=True,
                )
            )
    return found


def nats_spec(system: LocalSystem) -> ProcessSpec:
    """NATS with JetStream that writes to disk before it acknowledges."""
    monitor = system.ports["nats"] + 1
    config = system.data_folder / "nats.conf"
    config.write_text(
        f'listen: "{system.host}:{system.ports["nats"]}"\n'
        f'http: "{system.host}:{monitor}"\n'
        f'jetstream {{ store_dir: "{(system.data_folder / "nats").resolve()}", sync_interval: always }}\n',
        encoding="utf-8",
    )
    return ProcessSpec(
        name="nats",
        command=[str(Path(sys.executable).parent / "nats-server"), "-c", str(config)],
        environment={},
        ready_url=f"http://{system.host}:{monitor}/healthz",
        stop_order=BUS_STOPS,
        is_restarted=True,
    )


def service_secret(data_folder: Path) -> str:
    """The secret by which the services of this machine know each other; made once, readable by its owner only."""
    path = data_folder / "service_secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _python_environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def _write_gateway_config(system: LocalSystem) -> Path:
    grace = REPLICA_NOTICE if len(system.process_ports("gateway")) > 1 else "0"
    shutdown = ("[shutdown]", f"grace = {grace}")
    lines = [GATEWAY_CONFIG.read_text(encoding="utf-8").rstrip(), "", *shutdown, "", *PRACTICE_PAGE]
    if not os.environ.get("SUPABASE_URL"):
        # With Supabase people bring tokens of two issuers; then the subgraphs alone check them.
        keys_url = f"{system.url('users')}/.well-known/jwks.json"
        lines += ["", "[jwt]", f'jwks_url = "{keys_url}"', 'issuer = "tandem"', 'audience = "tandem"']
    for name in subgraph_names():
        lines += ["", f"[subgraphs.{name}]", f'url = "{system.url(name)}/graphql"']
    path = system.data_folder / "gateway.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
