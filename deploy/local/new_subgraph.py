"""`./just new-subgraph NAME`: write a new subgraph that serves, migrates, composes and passes its tests, to be changed from there."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from subgraphs.registry import SUPERGRAPH_CONFIG, subgraph_names, subgraph_ports

from .plan import ROOT

TEMPLATES = Path(__file__).parent / "subgraph_template"
NAME = re.compile(r"^[a-z][a-z0-9]{2,30}$")
RESERVED = frozenset({"kit", "registry", "bus", "gateway", "public"})


class NameRefused(Exception):
    """Raised when a subgraph cannot have this name; the message says why and what would be right."""


def create_subgraph(name: str, root: Path = ROOT) -> list[Path]:
    """Write the files of the subgraph `name`, list it in schema/supergraph.toml and in the layers; the paths that were written.

    Raises NameRefused before anything is written.
    """
    check_name(name)
    values = _values(name)
    targets = {
        template: root / "subgraphs" / name / template.name.removesuffix(".txt")
        for template in TEMPLATES.glob("*.txt")
        if template.name not in ("migration.py.txt", "test_service.py.txt")
    }
    targets[TEMPLATES / "migration.py.txt"] = root / "alembic" / "versions" / name / f"0001_{name}.py"
    targets[TEMPLATES / "test_service.py.txt"] = root / "tests" / "subgraphs" / name / "test_service.py"
    for template, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(template.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
    _add_environment_example(name, values["port"], root)
    _list_in_supergraph(name, values["port"])
    _list_in_layers(name, root)
    return sorted(targets.values())


def check_name(name: str) -> None:
    """Raise NameRefused unless `name` is free and fits everywhere: a Python package, a PostgreSQL schema, a part of GraphQL names."""
    if not NAME.match(name):
        raise NameRefused(
            f"{name!r} cannot be a subgraph's name: use 3 to 31 lower-case letters and digits, best a plural (ratings)."
        )
    if name in RESERVED or name in subgraph_names():
        raise NameRefused(f"{name!r} is taken; there are {', '.join(subgraph_names())}.")


def _values(name: str) -> dict[str, str]:
    entity = name[:-1] if name.endswith("s") and not name.endswith("ss") else f"{name}item"
    return {
        "name": name,
        "Name": name.capitalize(),
        "entity": entity,
        "Entity": entity.capitalize(),
        "ENTITY": entity.upper(),
        "port": str(max(subgraph_ports().values()) + 1),
    }


def _add_environment_example(name: str, port: str, root: Path) -> None:
    example = (root / "subgraphs" / "questions" / ".env.example").read_text(encoding="utf-8")
    for old, new in (
        ("# The questions ", f"# The {name} "),
        ("PORT=4002", f"PORT={port}"),
        ("tandem_questions", f"tandem_{name}"),
    ):
        example = example.replace(old, new)
    lines = [line for line in example.splitlines(keepends=True) if "DATABASE_REPLICA_URL" not in line]
    (root / "subgraphs" / name / ".env.example").write_text("".join(lines), encoding="utf-8")


def _list_in_supergraph(name: str, port: str) -> None:
    text = SUPERGRAPH_CONFIG.read_text(encoding="utf-8").rstrip("\n")
    entry = f'\n\n[subgraphs.{name}]\nurl = "http://localhost:{port}/graphql"\nsdl = "{name}.graphql"\n'
    SUPERGRAPH_CONFIG.write_text(text + entry, encoding="utf-8")
    subgraph_ports.cache_clear()


def _list_in_layers(name: str, root: Path) -> None:
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"subgraphs.collaboration"]', f'"subgraphs.collaboration", "subgraphs.{name}"]'), encoding="utf-8"
    )
