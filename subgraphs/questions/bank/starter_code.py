"""Write the starter code of a signature in Python, JavaScript, Java and C++.

The text compiles as it stands, returns a neutral value, and has the shape in which the judge calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from .question import Language, Parameter, Signature, spell_name
from .type_language import ArrayType, Base, BaseType, MapType, NullableType, ValueType

PLACEHOLDER = "Write your solution here."

# A name of a signature must be usable in all four languages. `Solution` and std's common names would be hidden by it.
_RESERVED = """
    False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield arguments case catch
    const debugger default delete do enum eval export extends function instanceof new null package private
    protected public static super switch this throw typeof undefined var void let interface implements true
    false abstract boolean byte char double final float goto int long native short strictfp synchronized throws
    transient volatile alignas alignof asm auto bool co_await co_return co_yield compl concept consteval
    constexpr constinit const_cast decltype dynamic_cast explicit extern friend inline mutable namespace
    noexcept nullptr operator register reinterpret_cast requires signed sizeof static_assert static_cast struct
    template thread_local typedef typeid typename union unsigned using virtual wchar_t xor bitand bitor not_eq
    or_eq and_eq xor_eq std main
"""
RESERVED_WORDS = frozenset(_RESERVED.split())


def write_starter_code(signature: Signature) -> dict[Language, str]:
    """The starter code in every language that the signature can be written in."""
    return {language: _WRITERS[language](signature) for language in signature.languages}


def _python(signature: Signature) -> str:
    parameters = ", ".join(f"{p.name}: {_python_type(p.type)}" for p in signature.parameters)
    imports = "from typing import Any\n\n\n" if signature.languages != tuple(Language) else ""
    return (
        f"{imports}def {signature.function}({parameters}) -> {_python_type(signature.returns)}:\n"
        f"    # {PLACEHOLDER}\n"
        f"    return {_python_default(signature.returns)}\n"
    )


def _javascript(signature: Signature) -> str:
    names = [spell_name(p.name, Language.JAVASCRIPT) for p in signature.parameters]
    doc = [
        f" * @param {{{_javascript_type(p.type)}}} {name}" for p, name in zip(signature.parameters, names, strict=True)
    ]
    lines = [
        "/**",
        *doc,
        f" * @return {{{_javascript_type(signature.returns)}}}",
        " */",
        f"function {signature.entry_point(Language.JAVASCRIPT)}({', '.join(names)}) {{",
        f"    // {PLACEHOLDER}",
        f"    return {_javascript_default(signature.returns)};",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _java(signature: Signature) -> str:
    parameters = _declare(signature, Language.JAVA, _java_type)
    return (
        "import java.util.*;\n\n"
        "class Solution {\n"
        f"    public {_java_type(signature.returns)} {signature.entry_point(Language.JAVA)}({parameters}) {{\n"
        f"        // {PLACEHOLDER}\n"
        f"        return {_java_default(signature.returns)};\n"
        "    }\n"
        "}\n"
    )


def _cpp(signature: Signature) -> str:
    types = [parameter.type for parameter in signature.parameters] + [signature.returns]
    headers = sorted({header for value_type in types for header in _cpp_headers(value_type)})
    includes = "".join(f"#include <{header}>\n" for header in headers)
    using = "using namespace std;\n\n" if headers else ""
    parameters = _declare(signature, Language.CPP, _cpp_parameter_type)
    return (
        f"{includes}{using}"
        "class Solution {\n"
        "public:\n"
        f"    {_cpp_type(signature.returns)} {signature.entry_point(Language.CPP)}({parameters}) {{\n"
        f"        // {PLACEHOLDER}\n"
        "        return {};\n"
        "    }\n"
        "};\n"
    )


_WRITERS: dict[Language, Callable[[Signature], str]] = {
    Language.PYTHON: _python,
    Language.JAVASCRIPT: _javascript,
    Language.JAVA: _java,
    Language.CPP: _cpp,
}


def _declare(signature: Signature, language: Language, spell_type: Callable[[ValueType], str]) -> str:
    def one(parameter: Parameter) -> str:
        return f"{spell_type(parameter.type)} {spell_name(parameter.name, language)}".replace("& ", " &")

    return ", ".join(one(parameter) for parameter in signature.parameters)


def _python_type(value_type: ValueType) -> str:
    match value_type:
        case BaseType(name):
            names: dict[Base, str] = {"long": "int", "string": "str", "any": "Any"}
            return names.get(name, name)
        case ArrayType(element):
            return f"list[{_python_type(element)}]"
        case NullableType(inner):
            return f"{_python_type(inner)} | None"
        case MapType(value):
            return f"dict[str, {_python_type(value)}]"
        case _:
            assert_never(value_type)


def _python_default(value_type: ValueType) -> str:
    match value_type:
        case BaseType(name):
            return {"int": "0", "long": "0", "float": "0.0", "bool": "False", "string": '""', "any": "None"}[name]
        case ArrayType():
            return "[]"
        case NullableType():
            return "None"
        case MapType():
            return "{}"
        case _:
            assert_never(value_type)


def _javascript_type(value_type: ValueType) -> str:
    match value_type:
        case BaseType(name):
            names: dict[Base, str] = {"int": "number", "long": "number", "float": "number", "bool": "boolean"}
            return names.get(name, name)
        case ArrayType(element):
            inner = _javascript_type(element)
            return f"({inner})[]" if isinstance(element, NullableType) else f"{inner}[]"
        case NullableType(inner_type):
            return f"{_javascript_type(inner_type)} | null"
        case MapType(value):
            return f"Object<string, {_javascript_type(value)}>"
        case _:
            assert_never(value_type)


def _javascript_default(value_type: ValueType) -> str:
    match value_type:
        case BaseType(name):
            return {"int": "0", "long": "0", "float": "0", "bool": "false", "string": '""', "any": "null"}[name]
        case ArrayType():
            return "[]"
        case NullableType():
            return "null"
        case MapType():
            return "{}"
        case _:
            assert_never(value_type)


def _java_type(value_type: ValueType, *, boxed: bool = False) -> str:
    match value_type:
        case BaseType(name):
            plain: dict[Base, str] = {"float": "double", "bool": "boolean", "string": "String", "any": "Object"}
            box: dict[Base, str] = {"int": "Integer", "long": "Long", "float": "Double", "bool": "Boolean"}
            return box.get(name, plain.get(name, name)) if boxed else plain.get(name, name)
        case ArrayType(element):
            return f"{_java_type(element)}[]"
        case NullableType(inner):
            return _java_type(inner, boxed=True)
        case MapType(value):
            return f"Map<String, {_java_type(value, boxed=True)}>"
        case _:
            assert_never(value_type)


def _java_default(value_type: ValueType) -> str:
    match value_type:
        case BaseType(name):
            return {"int": "0", "long": "0L", "float": "0.0", "bool": "false", "string": '""', "any": "null"}[name]
        case ArrayType():
            return _java_empty_array(value_type)
        case NullableType():
            return "null"
        case MapType():
            return "new HashMap<>()"
        case _:
            assert_never(value_type)


def _java_empty_array(value_type: ArrayType) -> str:
    """`new int[0][]`: the first bracket has the size. Java cannot make an array of a generic type, hence the cast."""
    element: ValueType = value_type
    brackets = ""
    while isinstance(element, ArrayType):
        brackets += "[]"
        element = element.element
    if isinstance(element, MapType):
        return f"({_java_type(value_type)}) new Map[0]{brackets[2:]}"
    return f"new {_java_type(element)}[0]{brackets[2:]}"


def _cpp_type(value_type: ValueType) -> str:
    match value_type:
        case BaseType(name):
            names: dict[Base, str] = {"long": "long long", "float": "double"}
            return names.get(name, name)
        case ArrayType(element):
            return f"vector<{_cpp_type(element)}>"
        case NullableType(inner):
            return f"optional<{_cpp_type(inner)}>"
        case MapType(value):
            return f"map<string, {_cpp_type(value)}>"
        case _:
            assert_never(value_type)


def _cpp_parameter_type(value_type: ValueType) -> str:
    """Containers come by reference, so that a large input is not copied and may be sorted in place."""
    spelled = _cpp_type(value_type)
    by_value = isinstance(value_type, BaseType) and value_type.name != "string"
    return spelled if by_value else f"{spelled}&"


def _cpp_headers(value_type: ValueType) -> set[str]:
    match value_type:
        case BaseType(name):
            return {"string"} if name == "string" else set()
        case ArrayType(element):
            return {"vector"} | _cpp_headers(element)
        case NullableType(inner):
            return {"optional"} | _cpp_headers(inner)
        case MapType(value):
            return {"map", "string"} | _cpp_headers(value)
        case _:
            assert_never(value_type)
