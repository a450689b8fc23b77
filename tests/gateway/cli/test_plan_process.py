"""`python -m gateway plan` as a person runs it: every form of a plan and of its stages, and what is said of bad input."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.gateway.cli.processes import gateway

SDL = "type Query { me: User }\ntype User { id: ID! name: String! }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users.graphql").write_text(SDL)
    done = gateway("compose", "users.graphql", "--output", "main.graphql", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_the_plan_and_its_stages_in_every_form(folder: Path) -> None:
    shown = {}
    for form in ("text", "json", "dot", "svg"):
        for stages in ((), ("--stages",)):
            done = gateway("plan", "main.graphql", "{ me { name } }", "--format", form, *stages, folder=folder)
            assert (done.returncode, done.stderr) == (0, "")
            shown[form, bool(stages)] = done.stdout
    assert shown["text", False].startswith("QueryPlan {")
    assert shown["text", True].startswith("# normalized operation\n")
    assert shown["text", False] in shown["text", True]
    plan, stages_and_plan = json.loads(shown["json", False]), json.loads(shown["json", True])
    assert stages_and_plan.pop("stages")["queryTree"][0]["leaf"] == "me.name (User)"
    assert stages_and_plan == plan
    assert shown["dot", False].startswith("digraph plan {")
    assert shown["dot", True].startswith("digraph stages {")
    sizes = [float(ElementTree.fromstring(shown["svg", stages]).get("height", "0")) for stages in (False, True)]
    assert 0 < sizes[0] < sizes[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("{ me { name }",), 1, "the operation does not parse: Syntax Error: Expected Name, found <EOF>. (line 1, column 14)"),
        (("{ nope }",), 1, "Cannot query field 'nope' on type 'Query'. (line 1, column 3)"),
        (("missing.graphql",), 2, "missing.graphql cannot be read: No such file or directory."),
        (("{ me { id } }", "--format", "png"), 2, "'png' is not one of 'text', 'json', 'dot', 'svg'"),
    ],
)  # fmt: skip
def test_bad_input_is_named_with_its_place(folder: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = gateway("plan", "main.graphql", *arguments, folder=folder)
    assert done.returncode == code
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
