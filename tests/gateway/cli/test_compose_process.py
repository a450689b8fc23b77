"""`python -m gateway compose` as CI and people at a terminal run it: real processes, files and HTTP."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.cli.processes import (
    COMMAND,
    ENVIRONMENT,
    TIMEOUT,
    gateway,
    gateway_on_a_terminal,
    subgraph_at,
)

SDL = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@inaccessible"])
type Query { t: T }
type T @key(fields: "id") {
  id: ID!
  name: String!
  secret: Int @inaccessible
}
"""
OTHER = 'type Query { a: Int }\ntype T @key(fields: "id") { id: ID! name: Int }\n'
COLOR = "\033["


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users.graphql").write_text(SDL)
    (tmp_path / "other.graphql").write_text(OTHER)
    (tmp_path / "list.toml").write_text('[subgraphs.users]\nurl = "http://u/graphql"\nsdl = "users.graphql"\n')
    return tmp_path


def test_the_supergraph_goes_to_stdout_and_nothing_else_anywhere(folder: Path) -> None:
    done = gateway("compose", "users.graphql", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("schema\n  @link(")


def test_api_prints_what_clients_see(folder: Path) -> None:
    done = gateway("compose", "users.graphql", "--api", folder=folder)
    assert done.returncode == 0
    assert "type T {\n  id: ID!\n  name: String!\n}" in done.stdout
    assert "@join__" not in done.stdout


def test_an_error_shows_code_files_lines_carets_and_advice(folder: Path) -> None:
    done = gateway("compose", "users.graphql", "other.graphql", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error FIELD_TYPE_MISMATCH: " in done.stderr
    assert "other.graphql:2:37" in done.stderr
    assert "users.graphql:5:3" in done.stderr
    assert "  name: String!\n" in done.stderr
    assert "  ^^^^" in done.stderr
    assert "  = " in done.stderr
    assert done.stderr.endswith("errors.\n")


def test_a_url_is_asked_for_its_sdl(folder: Path) -> None:
    answer = json.dumps({"data": {"_service": {"sdl": SDL}}}).encode()
    with subgraph_at(answer) as (url, asked):
        done = gateway("compose", f"live={url}", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert f'@join__graph(name: "live", url: "{url}")' in done.stdout
    assert [json.loads(body) for body in asked] == [{"query": "{ _service { sdl } }"}]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b'{"errors": [{"message": "Cannot query field \\"_service\\""}]}', 200),
        (b'{"data": {"_service": {"sdl": 7}}}', 200),
        (b"<html>", 200),
        (b"[" * 100_000, 200),
        (b"", 500),
    ],
)
def test_a_url_that_does_not_tell_is_named_with_what_to_do(folder: Path, answer: bytes, status: int) -> None:
    with subgraph_at(answer, status=status) as (url, _):
        done = gateway("compose", f"live={url}", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert url in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("gateway compose: Subgraph live at")


def test_a_url_where_nobody_listens(folder: Path) -> None:
    with subgraph_at(b"") as (url, _):
        pass
    done = gateway("compose", f"live={url}", folder=folder)
    assert done.returncode == 2
    assert f"Subgraph live at {url}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "No subgraphs: name SDL files, URLs, or --config FILE.toml."),
        (("missing.graphql",), "missing.graphql cannot be read: No such file or directory."),
        (("--config", "users.graphql"), "users.graphql is not TOML"),
        (("users.graphql", "--check"), "--check needs --output FILE"),
        (("users.graphql", "--output", "no/such/folder.graphql"), "no/such/folder.graphql cannot be written"),
        (("users.graphql", "--format", "yaml"), "yaml"),
    ],
)
def test_wrong_arguments_exit_with_2_and_a_sentence(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = gateway("compose", *arguments, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_github_annotations_point_at_files_and_lines(folder: Path) -> None:
    (folder / "users.graphql").write_text(SDL.replace('fields: "id"', 'fields: "nope"'))
    done = gateway("compose", "users.graphql", "--format", "github", folder=folder)
    assert (done.returncode, done.stderr) == (1, "")
    [line] = done.stdout.splitlines()
    assert line.startswith(
        "::error title=KEY_INVALID_FIELDS,file=users.graphql,line=3,col=8,endLine=3::[users] On type "
    )
    assert "%0A" in line  # the advice is a line of its own in the annotation


def test_json_is_one_object_with_places_and_advice(folder: Path) -> None:
    done = gateway("compose", "users.graphql", "other.graphql", "--format", "json", folder=folder)
    assert (done.returncode, done.stderr) == (1, "")
    [error, *_] = (found for found in json.loads(done.stdout)["errors"] if found["code"] == "FIELD_TYPE_MISMATCH")
    assert error["subgraphs"] == ["other", "users"]
    assert [(place["file"], place["line"], place["column"]) for place in error["locations"]] == [
        ("other.graphql", 2, 37),
        ("users.graphql", 5, 3),
    ]
    assert error["advice"]


def test_check_fails_when_the_file_is_stale_and_writes_nothing(folder: Path) -> None:
    arguments = ("compose", "--config", "list.toml", "--output", "super.graphql")
    assert gateway(*arguments, folder=folder).returncode == 0
    assert gateway(*arguments, "--check", folder=folder).returncode == 0
    (folder / "users.graphql").write_text(SDL.replace("name: String!", "name: String"))
    before = (folder / "super.graphql").read_text()
    done = gateway(*arguments, "--check", "--format", "github", folder=folder)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=super.graphql,title=STALE_SUPERGRAPH::")
    assert (folder / "super.graphql").read_text() == before


def test_colours_are_for_terminals_only(folder: Path) -> None:
    assert COLOR not in gateway("compose", "users.graphql", "other.graphql", folder=folder).stderr
    code, seen = gateway_on_a_terminal("compose", "users.graphql", "other.graphql", folder=folder)
    assert code == 1
    assert "\033[31m\033[1merror FIELD_TYPE_MISMATCH\033[0m" in seen


def test_long_work_tells_how_far_it_is_on_a_terminal_only(folder: Path) -> None:
    files = [f"s{number:02}.graphql" for number in range(70)]
    for number, file in enumerate(files):
        own = [f"S{number}T{position}" for position in range(80)]
        types = "\n".join(f'type {name} @key(fields: "id") {{ id: ID! next: {own[0]} b: String }}' for name in own)
        (folder / file).write_text(f"{SDL.splitlines()[0]}\ntype Query {{ q{number}: {own[1]} }}\n{types}")
    code, seen = gateway_on_a_terminal("compose", *files, "--output", "out.graphql", folder=folder)
    assert code == 0, seen
    assert "\r\033[KReading subgraphs " in seen or "\r\033[KChecking satisfiability " in seen
    assert seen.endswith("\r\033[K"), "the line is removed in the end"
    assert gateway("compose", *files, "--output", "out.graphql", folder=folder).stderr == ""


def test_watch_composes_again_when_a_file_changes_and_ends_with_ctrl_c(folder: Path) -> None:
    output = folder / "super.graphql"
    process = subprocess.Popen(
        [*COMMAND, "compose", "users.graphql", "--output", output.name, "--watch"],
        cwd=folder,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        assert "watching for changes" in process.stderr.readline()
        assert "name: String!" in output.read_text()
        (folder / "users.graphql").write_text(SDL.replace("type Query", "type Broken @nope { a: Int }\ntype Query"))
        assert process.stderr.readline().startswith("error INVALID_GRAPHQL")
        assert "name: String!" in output.read_text(), "what does not compose replaces nothing"
        (folder / "users.graphql").write_text(SDL.replace("name: String!", "title: Int"))
        _wait_until(lambda: "title: Int" in output.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) in (0, 130)
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
