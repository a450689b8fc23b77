"""The committed schemas are current and compose, and everything that we tell clients to send is valid against them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate
from typer.testing import CliRunner

from deploy.local import demo_operations
from gateway.composition import SubgraphDefinition, compose
from gateway.supergraph import supergraph_from_sdl
from subgraphs.registry import subgraph_names, subgraph_ports

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "schema"
README_OPERATIONS = re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
DEMO_OPERATIONS = {name: text for name, text in vars(demo_operations).items() if name.isupper() and name != "ERROR"}


@pytest.fixture(scope="module")
def api_schema() -> GraphQLSchema:
    return supergraph_from_sdl((SCHEMA / "supergraph.graphql").read_text(encoding="utf-8")).api_schema


@pytest.mark.parametrize("name", subgraph_names())
def test_the_sdl_of_every_subgraph_is_current(name: str) -> None:
    from subgraphs.__main__ import app

    result = CliRunner().invoke(app, ["export-schema", name, "--check"])

    assert result.exit_code == 0, f"{result.output}\n{result.exception}"


def test_the_subgraphs_compose_into_the_committed_supergraph_without_a_remark() -> None:
    definitions = [
        SubgraphDefinition(
            name, f"http://localhost:{port}/graphql", (SCHEMA / f"{name}.graphql").read_text(encoding="utf-8")
        )
        for name, port in subgraph_ports().items()
    ]

    result = compose(definitions)

    assert not result.errors
    assert [hint for hint in result.hints if str(hint.code).startswith("INCONSISTENT_DESCRIPTION")] == []
    assert result.supergraph_sdl is not None
    assert result.supergraph_sdl.strip() == (SCHEMA / "supergraph.graphql").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("name", DEMO_OPERATIONS)
def test_the_operations_of_the_demo_are_valid(name: str, api_schema: GraphQLSchema) -> None:
    assert validate(api_schema, parse(DEMO_OPERATIONS[name])) == []


@pytest.mark.parametrize("text", README_OPERATIONS, ids=lambda text: text.split("(")[0].split("{")[0].strip())
def test_the_operations_of_the_readme_are_valid(text: str, api_schema: GraphQLSchema) -> None:
    assert validate(api_schema, parse(text)) == []


def test_what_is_for_services_only_is_not_in_the_api(api_schema: GraphQLSchema) -> None:
    assert api_schema.query_type is not None
    assert api_schema.mutation_type is not None
    assert not {"judgeQuestion", "skillLevels"} & api_schema.query_type.fields.keys()
    assert "pickQuestion" not in api_schema.mutation_type.fields
    assert "JudgeQuestion" not in api_schema.type_map
