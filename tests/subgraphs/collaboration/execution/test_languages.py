"""Every language: values go in and come out as the question bank says, mistakes get their verdicts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from subgraphs.collaboration.execution import CaseInput, Job, JobKind, Verdict
from subgraphs.collaboration.execution.c_language import c_prototype, c_starter
from subgraphs.collaboration.execution.languages import LANGUAGES, can_be_judged, cpp_type
from tests.subgraphs.collaboration.execution.conftest import Run

ENTRY_POINTS = {"python": "pick", "javascript": "pick", "java": "pick", "cpp": "pick"}


def signature(returns: str, *types: str) -> dict[str, Any]:
    parameters = [{"name": f"p{number}", "type": type} for number, type in enumerate(types)]
    return {"function": "pick", "parameters": parameters, "returns": returns, "entry_points": ENTRY_POINTS}


ALL_TYPES = signature(
    "map<string,int?[]>", "int", "long", "float", "bool", "string", "int[][]", "string?", "map<string,int[]>", "int?[]"
)
ALL_ARGS = (7, 2**53 - 1, 1.5, True, 'é😀"\\\n', [[1, 2], [], [3]], None, {"k": [1, 2], "é": []}, [1, None, -3])
SOURCES = {
    "python": """
def pick(i, l, f, b, s, m, n, d, t):
    assert (i, l, f, b, m, n, d) == (7, 2**53 - 1, 1.5, True, [[1, 2], [], [3]], None, {"k": [1, 2], "é": []})
    print("seen")
    return {s: t, "sum": [i, None]}
""",
    "javascript": """
function pick(i, l, f, b, s, m, n, d, t) {
  if (i !== 7 || l !== 9007199254740991 || f !== 1.5 || b !== true || n !== null || d["k"][1] !== 2 || m[2][0] !== 3) throw new Error("wrong");
  console.log("seen");
  return {[s]: t, sum: [i, null]};
}
""",
    "java": """
import java.util.*;
class Solution {
    Map<String, Integer[]> pick(int i, long l, double f, boolean b, String s, int[][] m, String n, Map<String, int[]> d, Integer[] t) {
        if (i != 7 || l != 9007199254740991L || f != 1.5 || !b || n != null || d.get("k")[1] != 2 || m[2][0] != 3) throw new RuntimeException("wrong");
        System.out.println("seen");
        Map<String, Integer[]> out = new LinkedHashMap<>();
        out.put(s, t);
        out.put("sum", new Integer[]{i, null});
        return out;
    }
}
""",
    "cpp": """
#include <bits/stdc++.h>
using namespace std;
class Solution {
public:
    map<string, vector<optional<int>>> pick(int i, long long l, double f, bool b, string& s, vector<vector<int>>& m, optional<string>& n, map<string, vector<int>>& d, vector<optional<int>>& t) {
        if (i != 7 || l != 9007199254740991LL || f != 1.5 || !b || n || d["k"][1] != 2 || m[2][0] != 3) throw runtime_error("wrong");
        cout << "seen" << endl;
        return {{s, t}, {"sum", {i, nullopt}}};
    }
};
""",
}


# Compiling a C++ harness takes seconds; one of its tests is among the fast ones.
SLOW_CPP = [language for language in SOURCES if language != "cpp"] + [pytest.param("cpp", marks=pytest.mark.slow)]


def need(language: str) -> None:
    if not LANGUAGES[language].is_installed:
        pytest.skip(f"{', '.join(LANGUAGES[language].tools)} not installed")


@pytest.mark.parametrize("language", SLOW_CPP)
async def test_values_of_every_type_go_in_and_come_out(language: str, run: Run) -> None:
    need(language)
    job = Job(
        JobKind.FUNCTION, language, SOURCES[language], (CaseInput(ALL_ARGS), CaseInput(ALL_ARGS)), "me", ALL_TYPES
    )
    result = await run(job)
    assert result.compile_output == ""
    for case in result.cases:
        assert case.verdict is Verdict.COMPLETED, case.stderr
        assert json.loads(case.answer or "") == {'é😀"\\\n': [1, None, -3], "sum": [7, None]}
        assert case.stdout == "seen\n"
        assert case.memory_kb >= 0


def test_types_of_the_bank_in_cpp() -> None:
    assert cpp_type("map<string,int?[]>[]") == "std::vector<std::map<std::string, std::vector<std::optional<int>>>>"


C_SIGNATURE = signature("string[][]", "int", "long", "float", "bool", "string", "int[][]", "string[]", "bool[]")
C_SOURCE = """
char ***pick(int p0, long long p1, double p2, bool p3, char *p4, int **p5, int p5Size, int *p5ColSize, char **p6, int p6Size,
             bool *p7, int p7Size, int *returnSize, int **returnColumnSizes) {
    int class = p5[2][0];  // a name that C++ does not allow
    if (p0 != 7 || p1 != 9007199254740991LL || p2 != 1.5 || !p3 || class != 3 || p5Size != 3 || p5ColSize[1] != 0) abort();
    if (p6Size != 2 || strcmp(p6[1], "b") || p7Size != 2 || !p7[0] || p7[1]) abort();
    printf("seen\\n");
    char ***rows = malloc(2 * sizeof *rows);
    *returnColumnSizes = malloc(2 * sizeof(int));
    rows[0] = malloc(sizeof(char *)); rows[0][0] = p4; (*returnColumnSizes)[0] = 1;
    rows[1] = NULL; (*returnColumnSizes)[1] = 0;
    free(p7);
    *returnSize = 2;
    return rows;
}
"""


@pytest.mark.slow
async def test_values_of_every_type_that_c_has_go_in_and_come_out(run: Run) -> None:
    need("c")
    args = (7, 2**53 - 1, 1.5, True, 'é😀"\\\n', [[1, 2], [], [3]], ["a", "b"], [True, False])
    result = await run(Job(JobKind.FUNCTION, "c", C_SOURCE, (CaseInput(args), CaseInput(args)), "me", C_SIGNATURE))
    assert result.compile_output == ""
    for case in result.cases:
        assert case.verdict is Verdict.COMPLETED, case.stderr
        assert json.loads(case.answer or "") == [['é😀"\\\n'], []]
        assert case.stdout == "seen\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "returns"),
    [
        ("int pick(int x) { int *none = NULL; return none[x]; }", "int"),
        ("char *pick(int x) { return NULL; }", "string"),
        ("int *pick(int x, int *returnSize) { *returnSize = -1; return NULL; }", "int[]"),
        ("int *pick(int x, int *returnSize) { *returnSize = 3; return NULL; }", "int[]"),
    ],
)
async def test_a_mistake_in_c_is_a_runtime_error(source: str, returns: str, run: Run) -> None:
    need("c")
    job = Job(JobKind.FUNCTION, "c", source, (CaseInput((3,)),), "me", signature(returns, "int"))
    assert (await run(job)).cases[0].verdict is Verdict.RUNTIME_ERROR


@pytest.mark.slow
async def test_a_function_of_another_type_does_not_compile_and_is_told_where(run: Run) -> None:
    need("c")
    source = "\nlong pick(char *x) { return 0; }"
    result = await run(Job(JobKind.FUNCTION, "c", source, (CaseInput((3,)),), "me", signature("int", "int")))
    assert result.verdict is Verdict.COMPILE_ERROR
    assert "solution.c:2" in result.compile_output


@pytest.mark.parametrize(
    ("returns", "types", "prototype"),
    [
        ("int", (), "int pick(void)"),
        ("int[]", ("int[]", "int"), "int *pick(int *p0, int p0Size, int p1, int *returnSize)"),
        ("string", ("string[]",), "char *pick(char **p0, int p0Size)"),
        (
            "float[][]",
            ("long[][]",),
            "double **pick(long long **p0, int p0Size, int *p0ColSize, int *returnSize, int **returnColumnSizes)",
        ),
    ],
)
def test_a_question_in_c_is_pointers_and_lengths(returns: str, types: tuple[str, ...], prototype: str) -> None:
    assert c_prototype(signature(returns, *types)) == prototype
    assert c_starter(signature(returns, *types)).startswith(f"{prototype} {{")


@pytest.mark.parametrize("text", ["map<string,int>", "int?", "int?[]", "int[][][]"])
def test_a_type_without_a_plain_form_is_not_asked_in_c(text: str) -> None:
    assert not can_be_judged("c", signature("int", text))
    assert not can_be_judged("c", signature(text))


CRASHES = {
    "python": "def pick(x):\n    return [][x]\n",
    "javascript": "function pick(x) { return null.x; }",
    "java": "class Solution { int pick(int x) { int[] none = {}; return none[x]; } }",
    "cpp": 'class Solution { public: int pick(int x) { throw std::runtime_error("no"); } };',
}


@pytest.mark.parametrize("language", SLOW_CPP)
async def test_an_exception_is_a_runtime_error_with_its_words(language: str, run: Run) -> None:
    need(language)
    cases = (CaseInput((3,)), CaseInput((4,)))
    result = await run(Job(JobKind.FUNCTION, language, CRASHES[language], cases, "me", signature("int", "int")))
    assert [case.verdict for case in result.cases] == [Verdict.RUNTIME_ERROR] * 2
    assert result.cases[0].stderr


LOOPS = {
    "python": "def pick(x):\n    while True:\n        pass\n",
    "javascript": "function pick(x) { for (;;); }",
    "java": "class Solution { int pick(int x) { while (x > -1) x = 1; return x; } }",
    "cpp": "class Solution { public: int pick(int x) { volatile int y = 1; while (y) {} return 0; } };",
}


@pytest.mark.parametrize("language", LOOPS)
async def test_an_endless_loop_is_stopped_by_its_time(language: str, run: Run) -> None:
    need(language)
    job = Job(
        JobKind.FUNCTION,
        language,
        LOOPS[language],
        (CaseInput((1,)),),
        "me",
        signature("int", "int"),
        time_limit_ms=300,
    )
    (case,) = (await run(job)).cases
    assert case.verdict is Verdict.TIME_LIMIT
    # On a busy machine the clock ends it before its processor time is used up.
    assert case.time_ms > 100


@pytest.mark.parametrize("language", ["java", "cpp", "c"])
async def test_what_does_not_compile_is_told_with_the_compilers_words(language: str, run: Run) -> None:
    need(language)
    result = await run(Job(JobKind.PROGRAM, language, "int main( {", (CaseInput(),), "me"))
    assert result.verdict is Verdict.COMPILE_ERROR
    assert "error" in result.compile_output
    assert "/box/" not in result.compile_output


PROGRAMS = {
    "python": "print(input()[::-1])",
    "javascript": "console.log([...require('fs').readFileSync(0, 'utf8').trim()].reverse().join(''))",
    "java": (
        "public class Turn { public static void main(String[] a) throws Exception {"
        " System.out.println(new StringBuilder(new String(System.in.readAllBytes()).trim()).reverse()); } }"
    ),
    "cpp": "#include <bits/stdc++.h>\nint main() { std::string s; std::cin >> s; std::reverse(s.begin(), s.end()); std::cout << s << '\\n'; }",
    "c": '#include <stdio.h>\n#include <string.h>\nint main(void) { char s[99]; scanf("%98s", s); for (int i = strlen(s); i--;) putchar(s[i]); puts(""); return 0; }',
}


@pytest.mark.parametrize("language", PROGRAMS)
async def test_a_program_reads_its_standard_input(language: str, run: Run) -> None:
    need(language)
    (case,) = (
        await run(Job(JobKind.PROGRAM, language, PROGRAMS[language], (CaseInput(stdin="drawer\n"),), "me"))
    ).cases
    assert (case.verdict, case.stdout) == (Verdict.COMPLETED, "reward\n")


async def test_a_visible_case_that_crashes_does_not_keep_the_others_from_running(run: Run) -> None:
    source = "import os\ndef pick(x):\n    if x == 1: os._exit(7)\n    return x\n"
    cases = (CaseInput((1,)), CaseInput((2,)), CaseInput((1,), is_hidden=True), CaseInput((2,), is_hidden=True))
    result = await run(Job(JobKind.FUNCTION, "python", source, cases, "me", signature("int", "int")))
    assert [case.verdict for case in result.cases] == [
        Verdict.RUNTIME_ERROR,
        Verdict.COMPLETED,
        Verdict.RUNTIME_ERROR,
        Verdict.NOT_RUN,
    ]


async def test_a_missing_function_is_named(run: Run) -> None:
    result = await run(
        Job(JobKind.FUNCTION, "python", "def other(): pass", (CaseInput((1,)),), "me", signature("int", "int"))
    )
    assert result.cases[0].verdict is Verdict.RUNTIME_ERROR
    assert "no function pick" in result.cases[0].stderr
