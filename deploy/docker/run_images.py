"""Run the images that Buildah has built as Kubernetes would (their user, no rights, a read-only root) and play the journey on them.

`python -m deploy.docker.run_images -- buildah --root FOLDER ...`: what follows the dashes is how to call Buildah. A container is bubblewrap
on the image's mounted root: no container engine is needed, and no registry.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from deploy.local.demo import run_journey
from deploy.local.ports import free_block
from deploy.local.postgres import start_private_postgres
from deploy.local.transcript import Transcript

SOCKET_FOLDER = "/tmp/postgres"  # inside: below the only folder that can be written
SOCKET = ".s.PGSQL.5432"
START_TIMEOUT = 180.0  # seconds until a service is healthy, on a busy machine
MIGRATION_TIMEOUT = 600.0
SERVICES = {
    "user-service": "users",
    "question-service": "questions",
    "matching-service": "matching",
    "collaboration-service": "collaboration",
}
IN_PORT_ORDER = ("gateway", *SERVICES, "runner")


class ImageFailed(Exception):
    """Raised when an image does not do what it must; the message says what, with the end of its output."""


@dataclass(frozen=True, slots=True)
class Container:
    """One image, ready to be run as its configuration says."""

    name: str
    root: str
    config: Mapping[str, Any]
    socket_folder: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, *inner: str) -> list[str]:
        """What starts it; `inner` instead of the image's own command."""
        uid, _, gid = self.config["User"].partition(":")
        variables = dict(entry.split("=", 1) for entry in self.config["Env"]) | dict(self.environment)
        return [
            *("bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
            *("--ro-bind", self.root, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
            # The socket alone: nobody but PostgreSQL may enter its folder.
            *("--bind", f"{self.socket_folder}/{SOCKET}", f"{SOCKET_FOLDER}/{SOCKET}"),
            *("--chmod", "0755", SOCKET_FOLDER, "--chmod", "1777", "/tmp"),
            *("--chdir", self.config["WorkingDir"], "--clearenv"),
            *(part for name, value in variables.items() for part in ("--setenv", name, value)),
            *("setpriv", f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups", "--no-new-privs"),
            *("--bounding-set=-all", "--inh-caps=-all", "--"),
            *(inner or self.config["Cmd"]),
        ]

    def run(self, *inner: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run to its end."""
        return subprocess.run(self.command(*inner), capture_output=True, text=True, timeout=timeout, check=False)

    def is_healthy(self) -> bool:
        """What HEALTHCHECK asks, inside."""
        return self.run(*self.config["Healthcheck"]["Test"][1:]).returncode == 0


def main(buildah: list[str]) -> None:
    """Check every image: its user, its rights, its health, and that all together can do the main job."""
    try:
        with tempfile.TemporaryDirectory(prefix="tandem-images-", ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)
            _check(buildah, Path(folder))
    except ImageFailed as error:
        typer.secho(f"images: {error}", err=True)
        sys.exit(1)


def _check(buildah: Sequence[str], folder: Path) -> None:
    with ExitStack() as stack:
        server = start_private_postgres(folder / "postgres")
        stack.callback(server.stop)
        asyncio.run(server.create_database("tandem"))
        ports = dict(zip(IN_PORT_ORDER, _consecutive(len(IN_PORT_ORDER)), strict=True))
        containers = {
            name: Container(name, root, config, server.socket_folder, _environment(name, ports))
            for name in (*IN_PORT_ORDER, "migrate")
            for root, config in [stack.enter_context(_mounted(buildah, name))]
        }
        for container in containers.values():
            _require_no_rights(container)
        migrated = containers["migrate"].run(timeout=MIGRATION_TIMEOUT)
        if migrated.returncode != 0:
            raise ImageFailed(f"migrate ended with status {migrated.returncode}: {migrated.stderr[-2000:]}")
        print("images: migrate has made every table and loaded the questions", flush=True)
        started = {name: stack.enter_context(_running(containers[name], folder)) for name in reversed(IN_PORT_ORDER)}
        _wait_until_healthy(containers, started, folder)
        gateway_url = f"http://127.0.0.1:{ports['gateway']}"
        asyncio.run(run_journey(gateway_url, Transcript()))
    print("images: the journey of two people passed on the built images")


def _environment(name: str, ports: Mapping[str, int]) -> dict[str, str]:
    """As deploy/compose.yaml has it, on free ports of loopback."""
    url = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    if name == "runner":
        return {"PORT": str(ports[name]), "HOST": "127.0.0.1", "RUNNER_SECRET": "runner-of-the-check"}
    if name == "gateway":
        subgraphs = {
            f"GATEWAY_SUBGRAPHS__{subgraph.upper()}__URL": f"{url[service]}/graphql"
            for service, subgraph in SERVICES.items()
        }
        return {
            **subgraphs,
            "PORT": str(ports[name]),
            "HOST": "127.0.0.1",
            "GATEWAY_PRODUCTION": "true",
            "GATEWAY_SUBGRAPH_SECRET": "services-of-the-check",
            "GATEWAY_JWT__JWKS_URL": f"{url['user-service']}/.well-known/jwks.json",
            "GATEWAY_JWT__ISSUER": "tandem",
            "GATEWAY_JWT__AUDIENCE": "tandem",
        }
    return {
        "PORT": str(ports.get(name, 0)),
        "HOST": "127.0.0.1",
        "ENVIRONMENT": "production",
        "DATABASE_URL": f"postgresql://postgres@/tandem?host={SOCKET_FOLDER}",
        "SERVICE_SECRET": "services-of-the-check",
        "SIGNING_KEY_SECRET": "keys-of-the-check",
        # The journey signs people up and goes on at once; nobody here reads their mail.
        "EMAIL_CONFIRMATION_REQUIRED": "false",
        "USER_SERVICE_URL": url["user-service"],
        "QUESTION_SERVICE_URL": url["question-service"],
        "MATCHING_SERVICE_URL": url["matching-service"],
        "COLLABORATION_SERVICE_URL": url["collaboration-service"],
        "EXECUTION": f"127.0.0.1:{ports['runner']}",
        "RUNNER_SECRET": "runner-of-the-check",
    }


def _require_no_rights(container: Container) -> None:
    """Not root, no capability, and nothing can be written but /tmp."""
    if container.config["User"].partition(":")[0] in ("", "0", "root"):
        raise ImageFailed(f"{container.name} runs as root")
    if container.name != "migrate" and not container.config.get("Healthcheck"):
        raise ImageFailed(f"{container.name} has no HEALTHCHECK")
    script = (
        "import os; assert os.getuid() == 10001, os.getuid();"
        "assert 'CapEff:\\t0000000000000000' in open('/proc/self/status').read();"
        "open('/tmp/written', 'w').close();"
        "[os.access(path, os.W_OK) and exit(f'{path} can be written')"
        " for path in ('/', '/app', '/app/gateway', '/etc', '/usr', '/var/tmp')]"
    )
    result = container.run("python", "-c", script)
    if result.returncode != 0:
        raise ImageFailed(f"{container.name} has rights that it should not have: {result.stderr.strip()[-500:]}")


@contextmanager
def _mounted(buildah: Sequence[str], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The root folder of an image, and its configuration."""
    image = f"localhost/tandem/{name}"
    config = json.loads(_output(*buildah, "inspect", "--type", "image", image))["Docker"]["config"]
    container = _output(*buildah, "from", "--pull-never", image)
    try:
        yield _output(*buildah, "mount", container), config
    finally:
        _output(*buildah, "rm", container)


@contextmanager
def _running(container: Container, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{container.name}.log").open("wb") as log:
        process = subprocess.Popen(container.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()


def _wait_until_healthy(
    containers: Mapping[str, Container], started: Mapping[str, subprocess.Popen[bytes]], folder: Path
) -> None:
    """Ask each as its HEALTHCHECK does until all are healthy."""
    for name, process in started.items():
        deadline = time.monotonic() + START_TIMEOUT
        while process.poll() is None and not containers[name].is_healthy() and time.monotonic() < deadline:
            time.sleep(0.5)
        if process.poll() is not None or not containers[name].is_healthy():
            end = (folder / f"{name}.log").read_text(errors="replace")[-2000:]
            raise ImageFailed(f"{name} is not healthy (status {process.poll()}). The end of its output:\n{end}")
        print(f"images: {name} is healthy", flush=True)


def _consecutive(count: int) -> range:
    first = free_block(count)
    return range(first, first + count)


def _output(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if result.returncode != 0:
        raise ImageFailed(f"{' '.join(command)} failed: {result.stderr.strip()[-500:]}")
    return result.stdout.strip()


if __name__ == "__main__":
    typer.run(main)
