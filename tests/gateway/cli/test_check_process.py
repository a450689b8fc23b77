"""`python -m gateway check` as CI runs it: its report in each format, its exit codes, and what recorded operations change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gateway.cli.processes import gateway, gateway_on_a_terminal, subgraph_at

SDL = """type Query { me: User list(first: Int = 10): [User!]! }
type User { id: ID! name: String! role: Role }
enum Role { ADMIN GUEST }
"""
BROKEN = (
    SDL.replace("name: String!", "name: String").replace("ADMIN GUEST", "ADMIN GUEST OWNER") + "type More { a: Int }\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users.graphql").write_text(SDL)
    done = gateway("compose", "users.graphql", "--output", "main.graphql", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def check(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = gateway("check", "--previous", "main.graphql", "users.graphql", *arguments, folder=folder)
    return done.returncode, done.stdout, done.stderr


def test_nothing_changed(folder: Path) -> None:
    assert check(folder) == (0, "No changes.\n", "")


def test_what_breaks_what_may_and_what_is_safe(folder: Path) -> None:
    (folder / "users.graphql").write_text(BROKEN)
    code, report, stderr = check(folder)
    assert (code, stderr) == (1, "")
    lines = report.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["BREAKING", "DANGEROUS", "SAFE"]
    assert "User.name" in lines[0]
    assert "OWNER" in lines[1]
    assert lines[-1] == "1 breaking, 1 dangerous, 1 safe."


def test_only_what_clients_send_can_break(folder: Path) -> None:
    (folder / "users.graphql").write_text(BROKEN)
    operations = folder / "operations" / "web"
    operations.mkdir(parents=True)
    (operations / "me.graphql").write_text("query Me { me { id } }")
    assert check(folder, "--operations", "operations")[0] == 0
    (operations / "list.gql").write_text("query List { list { ...N } } fragment N on User { name }")
    code, report, _ = check(folder, "--operations", "operations")
    assert code == 1
    assert "used by operations/web/list.gql" in report
    assert "me.graphql" not in report


def test_a_document_that_does_not_parse_is_named_and_left_out(folder: Path) -> None:
    (folder / "users.graphql").write_text(BROKEN)
    (folder / "bad.graphql").write_text("query {")
    code, report, _ = check(folder, "--operations", "bad.graphql")
    assert code == 0
    assert report.startswith("left out: bad.graphql: ")


def test_dangerous_changes_can_fail_too(folder: Path) -> None:
    (folder / "users.graphql").write_text(SDL.replace("ADMIN GUEST", "ADMIN GUEST OWNER"))
    assert check(folder)[0] == 0
    assert check(folder, "--fail-on-dangerous")[0] == 1


def test_json_for_programs(folder: Path) -> None:
    (folder / "users.graphql").write_text(BROKEN)
    code, report, _ = check(folder, "--format", "json")
    found = json.loads(report)
    assert code == 1
    assert [(one["criticality"], one["coordinate"]) for one in found["changes"]][:2] == [
        ("BREAKING", "User.name"),
        ("DANGEROUS", "Role.OWNER"),
    ]
    assert found["composition"] == []


def test_annotations_for_pull_requests(folder: Path) -> None:
    (folder / "users.graphql").write_text(BROKEN)
    code, report, _ = check(folder, "--format", "github")
    assert code == 1
    assert [line.split()[0] for line in report.splitlines()] == ["::error", "::warning", "::notice"]


def test_a_new_supergraph_file_is_compared_as_well(folder: Path) -> None:
    (folder / "users.graphql").write_text(BROKEN)
    assert gateway("compose", "users.graphql", "--output", "new.graphql", folder=folder).returncode == 0
    done = gateway("check", "--previous", "main.graphql", "--supergraph", "new.graphql", folder=folder)
    assert done.returncode == 1


def test_a_running_subgraph_is_asked(folder: Path) -> None:
    with subgraph_at(json.dumps({"data": {"_service": {"sdl": BROKEN}}}).encode()) as (url, _):
        done = gateway("check", "--previous", "main.graphql", f"users={url}", folder=folder)
    assert done.returncode == 1


@pytest.mark.parametrize("format_", ["text", "json", "github"])
def test_what_does_not_compose_exits_with_2(folder: Path, format_: str) -> None:
    (folder / "users.graphql").write_text(SDL + "type User { a: Int }")
    done = gateway("check", "--previous", "main.graphql", "users.graphql", "--format", format_, folder=folder)
    assert done.returncode == 2
    assert "INVALID_GRAPHQL" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--previous", "nowhere.graphql", "users.graphql"), "nowhere.graphql cannot be read"),
        (("--previous", "broken.graphql", "users.graphql"), "broken.graphql is not SDL of a supergraph"),
        (("--previous", "main.graphql"), "No subgraphs"),
        (("--previous", "main.graphql", "users.graphql", "--operations", "nowhere"), "nowhere cannot be read"),
    ],
)
def test_what_cannot_be_read_exits_with_3(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    (folder / "broken.graphql").write_text("type {")
    done = gateway("check", *arguments, folder=folder)
    assert done.returncode == 3
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_are_coloured_on_a_terminal_only(folder: Path) -> None:
    (folder / "users.graphql").write_text(SDL + "type User { a: Int }")
    assert "\033[" not in check(folder)[2]
    _, seen = gateway_on_a_terminal("check", "--previous", "main.graphql", "users.graphql", folder=folder)
    assert "\033[31m" in seen
