"""How a question looks in C: the prototype of its function, and the C++ that joins a C solution to the harness.

An array is a pointer and its length, an array of arrays has the lengths of its rows besides; what is returned is allocated with malloc and
its lengths are stored through pointers. Maps and values that may be missing have no plain form in C: such questions are not asked in it.

    int[] two_sum(int[] nums, int target)  ->  int *two_sum(int *nums, int numsSize, int target, int *returnSize)
"""

from __future__ import annotations

from dataclasses import dataclass

from .jobs import JsonObject

C_TYPES = {"int": "int ", "long": "long long ", "float": "double ", "bool": "bool ", "string": "char *"}
KEYWORDS = frozenset(
    {
        "auto",
        "bool",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "main",
    }
)  # and main, which the judge has
INCLUDES = "".join(
    f"#include <{name}.h>\n" for name in ("ctype", "limits", "math", "stdbool", "stdint", "stdio", "stdlib", "string")
)


@dataclass(frozen=True, slots=True)
class CType:
    """A scalar of C and how many arrays are around it: 0, 1 or 2."""

    scalar: str
    depth: int

    @property
    def text(self) -> str:
        return self.scalar + "*" * self.depth


def c_type(text: str) -> CType | None:
    """The C form of a type of the bank; None where there is none."""
    base, depth = text.strip(), 0
    while base.endswith("[]"):
        base, depth = base[:-2], depth + 1
    if base not in C_TYPES or depth > 2:
        return None
    return CType(C_TYPES[base], depth)


def has_c_form(signature: JsonObject) -> bool:
    """Whether a question can be asked in C."""
    types = [signature["returns"], *(parameter["type"] for parameter in signature["parameters"])]
    return all(c_type(text) is not None for text in types)


def c_prototype(signature: JsonObject) -> str:
    """The declaration of the function, without a semicolon. Raises ValueError where there is no C form."""
    returns = _type_of(signature["returns"])
    parameters = [
        text for item in signature["parameters"] for text in _declared(_type_of(item["type"]), _name(item["name"]))
    ]
    if returns.depth > 0:
        parameters.append("int *returnSize")
    if returns.depth > 1:
        parameters.append("int **returnColumnSizes")
    return f"{returns.text}{c_entry_point(signature)}({', '.join(parameters) or 'void'})"


def c_starter(signature: JsonObject) -> str:
    """What somebody begins with."""
    returns = _type_of(signature["returns"])
    hint = {
        0: "",
        1: "    // Allocate the answer with malloc, and store its length in *returnSize.\n",
        2: "    // Allocate the answer, its rows and *returnColumnSizes with malloc; store the number of rows in *returnSize.\n",
    }[returns.depth]
    return f"{c_prototype(signature)} {{\n{hint}    \n}}\n"


def c_entry_point(signature: JsonObject) -> str:
    """The name of the function: its own for C, else the one for C++."""
    names = signature["entry_points"]
    return str(names.get("c") or names.get("cpp") or signature["function"])


def c_solution(signature: JsonObject) -> str:
    """The file that is compiled as C: usual headers, the prototype to hold the solution against, the solution."""
    return f'{INCLUDES}{c_prototype(signature)};\n#include "solution.c"\n'


def c_main(signature: JsonObject) -> str:
    """The C++ that reads each case, calls the C function, and writes its answer."""
    returns = _type_of(signature["returns"])
    reads, arguments = [], []
    for number, item in enumerate(signature["parameters"]):
        type_ = _type_of(item["type"])
        scalar, name = type_.scalar.strip(), f"argument{number}"
        reader = ("c_value", "c_array", "c_rows")[type_.depth]
        reads.append(f"    auto {name} = tandem_judge::{reader}<{scalar}>(arguments[{number}]);")
        members = [f"{name}.data", f"{name}.size", f"{name}.columns"]
        arguments += [name] if type_.depth == 0 else members[: type_.depth + 1]
    if returns.depth > 0:
        arguments.append("&size")
    if returns.depth > 1:
        arguments.append("&columns")
    write = ("write_value(out, answer)", "write_array(out, answer, size)", "write_rows(out, answer, size, columns)")
    # A name of the harness's own for the C function: the solution's name may mean something in C++.
    declared = c_prototype(signature).replace(f"{c_entry_point(signature)}(", "tandem_judge_solution(", 1)
    return f"""#include "harness.hpp"
#include "harness_c.hpp"
extern "C" {declared} __asm__("{c_entry_point(signature)}");
static void tandem_judge_call(std::vector<tandem_judge::Value> &arguments, std::string &out) {{
    [[maybe_unused]] int size = 0;
    [[maybe_unused]] int *columns = nullptr;
{chr(10).join(reads)}
    auto answer = tandem_judge_solution({", ".join(arguments)});
    tandem_judge::{write[returns.depth]};
}}
int main(int, char **argv) {{ return tandem_judge::serve(argv, tandem_judge_call); }}
"""


def _type_of(text: str) -> CType:
    found = c_type(text)
    if found is None:
        raise ValueError(f"the type {text} has no form in C")
    return found


def _declared(type_: CType, name: str) -> list[str]:
    lengths = [f"int {name}Size", f"int *{name}ColSize"][: type_.depth]
    return [f"{type_.text}{name}", *lengths]


def _name(name: str) -> str:
    return f"{name}_" if name in KEYWORDS else name
