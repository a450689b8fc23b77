"""The rules of one question that a JSON Schema cannot say: names, types of every argument, samples, comparison, limits, Markdown.

Each rule looks at plain data that has passed the schema, and yields problems.
"""

from __future__ import annotations

import ast
import json
import uuid
from collections.abc import Iterator
from typing import Any

from .errors import Problem
from .markdown import markdown_problems
from .question import Language, Parameter, Signature, spell_name
from .starter_code import RESERVED_WORDS
from .type_language import JsonValue, TypeSyntaxError, ValueType, array_depth, contains_base, parse_type, value_error

# Random once; must never change, or every stored case would count as a new one.
CASE_NAMESPACE = uuid.UUID("5f6b1d0e-7f0c-5c58-9d4b-2f3c7a9a4e11")
MIN_SAMPLES, MAX_SAMPLES = 2, 3
MAX_SAMPLE_BYTES = 2_000  # people read it
MAX_CASES_BYTES = 500_000  # arguments and answers of one question as JSON: they go to the sandbox in one piece


def question_problems(file: str, stem: str, data: dict[str, Any]) -> list[Problem]:
    """Everything that is wrong with one question's data beyond the schema."""
    if data["slug"] != stem:
        return [Problem(file, "slug", f"is {data['slug']!r}", f"{stem!r}, as the file is named")]
    texts = [Problem(file, *found) for found in markdown_problems(data)]
    problems = [Problem(file, *found) for found in _signature_problems(data)]
    if problems:
        return problems + texts  # nothing below can be judged without the types
    signature = Signature(
        data["function"],
        tuple(Parameter(p["name"], parse_type(p["type"])) for p in data["parameters"]),
        parse_type(data["returns"]),
    )
    rules = (_comparison_problems, _starter_code_problems, _sample_problems, _case_problems, _solution_problems)
    return [Problem(file, *found) for rule in rules for found in rule(data, signature)] + texts


def case_id(slug: str, args: tuple[JsonValue, ...]) -> str:
    """The identity of a case of our own: the same arguments keep it, wherever the case stands in the file."""
    canonical = json.dumps(list(args), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return str(uuid.uuid5(CASE_NAMESPACE, f"{slug}/{canonical}"))


_Found = Iterator[tuple[str, str, str]]  # field, what is wrong, what would be right


def _signature_problems(data: dict[str, Any]) -> _Found:
    names = [("function", data["function"])]
    names += [(f"parameters[{index}].name", p["name"]) for index, p in enumerate(data["parameters"])]
    for field, name in names:
        if name in RESERVED_WORDS or spell_name(name, Language.JAVA) in RESERVED_WORDS:
            yield field, f"{name!r} is a reserved word in Python, JavaScript, Java or C++", "another name"
    spelled = [spell_name(name, Language.JAVA) for _, name in names]
    if len(set(spelled)) != len(spelled):
        yield "parameters", "two names are the same (or the same as the function's) in camelCase", "different names"
    types = [("returns", data["returns"])]
    types += [(f"parameters[{index}].type", p["type"]) for index, p in enumerate(data["parameters"])]
    for field, text in types:
        try:
            parse_type(text)
        except TypeSyntaxError as error:
            yield field, str(error).rstrip("."), "a type such as int[][]"


def _comparison_problems(data: dict[str, Any], signature: Signature) -> _Found:
    comparison = data.get("comparison", {"mode": "exact"})
    returns = signature.returns
    has_float = contains_base(returns, "float")
    if has_float and comparison["mode"] != "float":
        yield "comparison", f"is {comparison['mode']}, but {returns} has fractions", "{mode: float, tolerance: 1.0e-6}"
    if comparison["mode"] == "float" and not has_float and not contains_base(returns, "any"):
        yield "comparison", f"is float, but {returns} has no fractions", "{mode: exact}"
    if comparison["mode"] == "any_order":
        depth = comparison.get("depth", 1)
        if array_depth(returns) < depth:
            yield (
                "comparison",
                f"ignores the order of {depth} level(s), but {returns} has {array_depth(returns)}",
                "a depth that the type has",
            )


def _starter_code_problems(data: dict[str, Any], signature: Signature) -> _Found:
    for language in data.get("starter_code", {}):
        if Language(language) not in signature.languages:
            yield (
                f"starter_code.{language}",
                "is for a language that cannot write this signature (`any`)",
                "python or javascript",
            )


def _sample_problems(data: dict[str, Any], signature: Signature) -> _Found:
    samples = sum(case.get("sample", False) for case in data["test_cases"])
    if not MIN_SAMPLES <= samples <= MAX_SAMPLES:
        yield "test_cases", f"{samples} case(s) are samples", f"{MIN_SAMPLES} or {MAX_SAMPLES} with `sample: true`"
    for index, case in enumerate(data["test_cases"]):
        if case.get("sample", False) and len(json.dumps(case, default=str)) > MAX_SAMPLE_BYTES:
            yield (
                f"test_cases[{index}]",
                "is too long for a sample",
                f"at most {MAX_SAMPLE_BYTES} bytes: people read it",
            )


def _case_problems(data: dict[str, Any], signature: Signature) -> _Found:
    names = [parameter.name for parameter in signature.parameters]
    first_by_id: dict[str, int] = {}
    for index, case in enumerate(data["test_cases"]):
        field, args = f"test_cases[{index}]", case["args"]
        missing = [name for name in names if name not in args]
        unknown = [str(name) for name in args if name not in names]
        if missing or unknown:
            wrong = " and ".join(
                [f"{name} is missing" for name in missing] + [f"{name} is not a parameter" for name in unknown]
            )
            yield f"{field}.args", wrong, "exactly " + ", ".join(names)
            continue
        values = [(f"args.{p.name}", p.type, args[p.name]) for p in signature.parameters]
        wrong_types = list(_type_problems(field, [*values, ("expected", signature.returns, case["expected"])]))
        yield from wrong_types
        if wrong_types:
            continue
        twin = first_by_id.setdefault(json.dumps(args, sort_keys=True), index)
        if twin != index:
            yield f"{field}.args", f"are those of test_cases[{twin}]", "each input once"
    size = len(json.dumps(data["test_cases"], default=str))
    if size > MAX_CASES_BYTES:
        yield "test_cases", f"take {size} bytes as JSON", f"at most {MAX_CASES_BYTES}"


def _type_problems(field: str, values: list[tuple[str, ValueType, JsonValue]]) -> _Found:
    for name, value_type, value in values:
        problem = value_error(value_type, value)
        if problem:
            yield f"{field}.{name}", problem, f"a value of type {value_type}"


def _solution_problems(data: dict[str, Any], signature: Signature) -> _Found:
    """Each solution has to define the entry function with the parameters in order; running it is another step."""
    names = [parameter.name for parameter in signature.parameters]
    for kind, text in data["solution"].items():
        field, header = f"solution.{kind}", f"def {signature.function}({', '.join(names)})"
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            yield field, f"is not Python: {error.msg} at line {error.lineno}", "code that compiles"
            continue
        functions = [
            node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == signature.function
        ]
        if not functions:
            yield field, f"does not define {signature.function}", header
        elif [argument.arg for argument in functions[-1].args.args] != names:
            yield field, "takes other parameters", header
