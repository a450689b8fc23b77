"""Starter code: its exact text for one signature, and that every question's compiles in every language that is installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from subgraphs.questions.bank import BankQuestion, Language
from subgraphs.questions.bank.question import Parameter, Signature
from subgraphs.questions.bank.starter_code import write_starter_code
from subgraphs.questions.bank.type_language import parse_type

COMPILE_TIMEOUT = 120.0  # seconds; a second or two on an idle machine


def signature(function: str, returns: str, **parameters: str) -> Signature:
    return Signature(
        function, tuple(Parameter(name, parse_type(text)) for name, text in parameters.items()), parse_type(returns)
    )


# Every type in every position that spells it differently: nullable, in an array, in a map, returned.
EVERY_TYPE = [
    signature("f1", "int[][]", tree="int?[]", names="string[]", by_name="map<string,int[]>", big="long", flag="bool"),
    signature("f2", "map<string,bool>", rate="float?", maps="map<string,long>[]", word="string?", on="bool?[]"),
    signature("f3", "map<string,float>[]", grid="bool[][]", letter="string"),
    signature("f4", "string?[]", a_b_c="float[][]", maybe="long[]?"),
    signature("f5", "long?", deep="map<string,map<string,int?[]>>"),
    signature("f6", "float", x="float"),
    signature("f7", "bool", x="long?"),
    signature("f8", "string", x="int"),
]


def test_the_four_languages_spell_names_and_types_in_their_own_way() -> None:
    starter = write_starter_code(
        signature("best_gain", "long[]", day_prices="int[]", max_wait="int?", tags="map<string,string>")
    )
    assert starter == {
        Language.PYTHON: (
            "def best_gain(day_prices: list[int], max_wait: int | None, tags: dict[str, str]) -> list[int]:\n"
            "    # Write your solution here.\n"
            "    return []\n"
        ),
        Language.JAVASCRIPT: (
            "/**\n"
            " * @param {number[]} dayPrices\n"
            " * @param {number | null} maxWait\n"
            " * @param {Object<string, string>} tags\n"
            " * @return {number[]}\n"
            " */\n"
            "function bestGain(dayPrices, maxWait, tags) {\n"
            "    // Write your solution here.\n"
            "    return [];\n"
            "}\n"
        ),
        Language.JAVA: (
            "import java.util.*;\n\n"
            "class Solution {\n"
            "    public long[] bestGain(int[] dayPrices, Integer maxWait, Map<String, String> tags) {\n"
            "        // Write your solution here.\n"
            "        return new long[0];\n"
            "    }\n"
            "}\n"
        ),
        Language.CPP: (
            "#include <map>\n#include <optional>\n#include <string>\n#include <vector>\nusing namespace std;\n\n"
            "class Solution {\n"
            "public:\n"
            "    vector<long long> bestGain(vector<int> &dayPrices, optional<int> &maxWait, "
            "map<string, string> &tags) {\n"
            "        // Write your solution here.\n"
            "        return {};\n"
            "    }\n"
            "};\n"
        ),
    }


def test_a_signature_with_any_is_offered_in_untyped_languages_only() -> None:
    starter = write_starter_code(signature("pick", "any", items="any[]"))
    assert list(starter) == [Language.PYTHON, Language.JAVASCRIPT]
    assert starter[Language.PYTHON].startswith("from typing import Any\n\n\ndef pick(items: list[Any]) -> Any:")


def test_python_starter_code_defines_the_function(starter_bank: list[BankQuestion]) -> None:
    for question in starter_bank:
        scope: dict[str, object] = {}
        exec(compile(question.starter_code[Language.PYTHON], question.slug, "exec"), scope)
        assert callable(scope[question.signature.function]), question.slug


@pytest.mark.node
def test_javascript_starter_code_defines_the_function(starter_bank: list[BankQuestion]) -> None:
    node = shutil.which("node") or pytest.skip("node is not installed")
    signatures = [question.signature for question in starter_bank] + EVERY_TYPE
    work = [
        [write_starter_code(one)[Language.JAVASCRIPT], one.entry_point(Language.JAVASCRIPT), len(one.parameters)]
        for one in signatures
    ]
    script = """
        for (const [code, name, arity] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
            const entry = new Function(code + "\\nreturn " + name)();
            if (typeof entry !== "function" || entry.length !== arity) throw new Error(name);
        }
    """
    done = subprocess.run(
        [node, "-e", script],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        timeout=COMPILE_TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_java_starter_code_compiles(starter_bank: list[BankQuestion], tmp_path: Path) -> None:
    javac = shutil.which("javac") or pytest.skip("javac is not installed")
    files: list[str] = []
    for number, one in enumerate([question.signature for question in starter_bank] + EVERY_TYPE):
        file = tmp_path / f"q{number}" / "Solution.java"
        file.parent.mkdir()
        file.write_text(f"package q{number};\n" + write_starter_code(one)[Language.JAVA], encoding="utf-8")
        files.append(str(file))
    done = subprocess.run(
        [javac, "-nowarn", *files], capture_output=True, text=True, timeout=COMPILE_TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_cpp_starter_code_compiles(starter_bank: list[BankQuestion], tmp_path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++") or pytest.skip("no C++ compiler is installed")
    headers: set[str] = set()
    bodies: list[str] = []
    for number, one in enumerate([question.signature for question in starter_bank] + EVERY_TYPE):
        text = write_starter_code(one)[Language.CPP]
        headers |= set(re.findall(r"#include <\w+>\n", text))
        bodies.append(f"namespace q{number} {{\n{re.sub(r'#include <.*>', '', text)}}}\n")
    file = tmp_path / "all.cpp"
    file.write_text("".join(sorted(headers)) + "".join(bodies), encoding="utf-8")
    done = subprocess.run(
        [compiler, "-std=c++17", "-fsyntax-only", "-Wall", str(file)],
        capture_output=True,
        text=True,
        timeout=COMPILE_TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
