"""One rule, one file: the layout of the rules and of their tests, and that every error can be acted on."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import gateway.composition as composition
from gateway.composition import ErrorCode, HintCode
from gateway.composition.subgraph_rules import SUBGRAPH_RULES
from gateway.composition.supergraph_rules import SUPERGRAPH_RULES

PACKAGE = Path(inspect.getfile(composition)).parent
HERE = Path(__file__).parent
RULE_FILES = sorted(
    file for folder in ("subgraph_rules", "supergraph_rules") for file in (PACKAGE / folder).glob("[!_]*.py")
)
SHARED = {"context_selections", "field_set_rule", "inaccessible_references"}
"""Not rules: what several rules have in common."""
UNLISTED = {"root_type_names", "inaccessible_elements"}
"""Rules that run apart from the lists, because they change the schema or need one that is valid."""


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.stem)
def test_a_rule_is_a_file_with_one_public_function_and_a_docstring(file: Path) -> None:
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree)
    public = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    if file.stem not in SHARED:
        assert len(public) == 1, public


@pytest.mark.parametrize("rule", [*SUBGRAPH_RULES, *SUPERGRAPH_RULES], ids=lambda rule: rule.__name__)
def test_a_listed_rule_stands_in_a_file_of_its_name(rule: object) -> None:
    name = getattr(rule, "__name__", "")
    assert getattr(rule, "__module__", "").endswith(f"_rules.{name}")


def test_every_file_of_rules_is_listed() -> None:
    listed = {rule.__name__ for rule in (*SUBGRAPH_RULES, *SUPERGRAPH_RULES)}
    assert {file.stem for file in RULE_FILES} == listed | SHARED | UNLISTED


@pytest.mark.parametrize(("folder", "codes"), [("errors", ErrorCode), ("hints", HintCode)])
def test_every_test_file_has_the_name_of_a_code_and_tests_it(
    folder: str, codes: type[ErrorCode] | type[HintCode]
) -> None:
    named = {file.stem.removeprefix("test_").upper(): file for file in (HERE / folder).glob("test_*.py")}
    assert set(named) == {code.value for code in codes}
    for code, file in named.items():
        text = file.read_text()
        assert code in text, f"{file.name} does not mention {code}"
        assert re.search(r"^def test_\w+", text, re.MULTILINE)


def test_every_code_is_raised_somewhere() -> None:
    sources = "\n".join(
        file.read_text() for file in PACKAGE.rglob("*.py") if file.stem not in ("error_codes", "hint_codes", "advice")
    )
    made_of_parts = {code for code in ErrorCode if re.match("(KEY|REQUIRES|PROVIDES|ROOT|EXTERNAL)_", code)}
    for enum, codes in (("ErrorCode", set(ErrorCode) - made_of_parts), ("HintCode", set(HintCode))):
        missing = [code for code in codes if f"{enum}.{code.name}" not in sources]
        assert not missing


def test_the_front_page_names_every_file_of_a_package_in_reading_order() -> None:
    for folder in ("schema", "changes"):
        module = importlib.import_module(f"gateway.composition.{folder}")
        for file in (PACKAGE / folder).glob("[!_]*.py"):
            assert re.search(rf"\b{file.stem}\b", module.__doc__ or ""), f"{folder}/{file.name}"
