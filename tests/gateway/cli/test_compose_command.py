"""`python -m gateway compose` and `check`: files in, exit codes out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.__main__ import build_app
from gateway.cli.compose_lines import compose_lines

SDL = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
type Query { t: T }
type T @key(fields: "id") { id: ID! name: String! }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users.graphql").write_text(SDL)
    (tmp_path / "list.toml").write_text('[subgraphs.users]\nurl = "http://u"\nsdl = "users.graphql"\n')
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build_app(), [str(argument) for argument in arguments])


def test_compose_to_stdout(folder: Path) -> None:
    result = run("compose", folder / "users.graphql")
    assert result.exit_code == 0
    assert '@join__graph(name: "users", url: "http://users/graphql")' in result.stdout


def test_compose_a_list_to_a_file_and_check_it(folder: Path) -> None:
    output = folder / "supergraph.graphql"
    arguments = ("compose", "--config", folder / "list.toml", "--output", output)
    assert run(*arguments, "--check").exit_code == 1
    assert run(*arguments).exit_code == 0
    assert run(*arguments, "--check").exit_code == 0
    assert 'url: "http://u"' in output.read_text()


@pytest.mark.parametrize("format_", ["text", "json", "github"])
def test_errors_fail_in_every_format(folder: Path, format_: str) -> None:
    (folder / "users.graphql").write_text(SDL.replace('"id"', '"nope"'))
    result = run("compose", folder / "users.graphql", "--format", format_)
    assert result.exit_code == 1
    assert "KEY_INVALID_FIELDS" in result.output
    assert str(folder / "users.graphql") in result.output


@pytest.mark.parametrize(
    "arguments",
    [(), ("nowhere.graphql",), ("--config", "nowhere.toml"), ("x.graphql", "--check"), ("a=http://127.0.0.1:9/",)],
)
def test_unreadable_sources(arguments: tuple[str, ...]) -> None:
    result = run("compose", *arguments)
    assert result.exit_code == 2
    assert result.output.startswith("gateway compose: ")


def test_jsonl_answers_every_line() -> None:
    case = {"id": 1, "subgraphs": [{"name": "a", "url": "", "sdl": "type Query { a: Int }"}]}
    output = io.StringIO()
    compose_lines([json.dumps(case), "", "not json", '{"id": 2}', "[]"], output)
    answers = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [answer["id"] for answer in answers] == [1, None, None, None]
    assert [bool(answer["supergraphSdl"]) for answer in answers] == [True, False, False, False]


def test_check_finds_what_breaks(folder: Path) -> None:
    previous = folder / "previous.graphql"
    run("compose", folder / "users.graphql", "--output", previous)
    check = ("check", "--previous", previous, folder / "users.graphql")
    assert run(*check).exit_code == 0
    (folder / "users.graphql").write_text(SDL.replace("String!", "String"))
    assert run(*check).exit_code == 1
    (folder / "op.graphql").write_text("{ t { id } }")
    assert run(*check, "--operations", folder / "op.graphql").exit_code == 0
    (folder / "users.graphql").write_text("type Query {")
    assert run(*check).exit_code == 2
    assert run("check", "--previous", folder / "nowhere", folder / "users.graphql").exit_code == 3
