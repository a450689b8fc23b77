"""What it takes to run each language: files, commands, limits; and the C++ that joins a solution to the harness."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .c_language import c_entry_point, c_main, c_solution, has_c_form
from .jobs import Job, JobKind, JsonObject
from .sandbox import BOX, Limits

HARNESS = Path(__file__).parent / "harness"
CPP_TYPES = {
    "int": "int",
    "long": "long long",
    "float": "double",
    "bool": "bool",
    "string": "std::string",
}
JAVA_PUBLIC_CLASS = re.compile(r"\bpublic\s+(?:final\s+)?class\s+([A-Za-z_]\w*)")
JAVA_MAIN_CLASS = re.compile(r"\bclass\s+([A-Za-z_]\w*)[^{]*\{(?:(?!\bclass\b).)*?\bstatic\s+void\s+main\b", re.DOTALL)
# Flags that make the virtual machine small and quick to start; a solution runs for seconds, not for days.
JAVA_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData", "-Xss64m")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Files to put into the box, the command that compiles them (None: nothing to compile), the command that runs them."""

    files: dict[str, str]
    compile: tuple[str, ...] | None
    run: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LanguageSupport:
    """One language. Times are factors on the question's limit, which is meant for the fastest languages."""

    name: str
    tools: tuple[str, ...]
    version_command: tuple[str, ...]
    time_factor: float = 1.0
    memory_overhead_mb: int = 32
    """What the language itself needs besides the solution."""
    processes: int = 16
    has_address_limit: bool = True
    load_seconds: float = 2.0
    """To start and to load the solution."""

    @property
    def is_installed(self) -> bool:
        return all(shutil.which(tool, path="/usr/bin:/bin") for tool in self.tools)

    def prepare(self, job: Job) -> Prepared:
        """What to put into the box and how to run it."""
        return _PREPARE[self.name](job)

    def limits(self, job: Job) -> Limits:
        seconds = job.time_limit_ms / 1000 * self.time_factor
        # The kernel's own limit is for the whole process, which runs all cases; the supervisor keeps the time of each.
        hard = int(self.load_seconds + seconds * len(job.cases)) + 2
        memory = job.memory_limit_mb + self.memory_overhead_mb
        return Limits(memory, hard, self.processes, self.has_address_limit)

    def compile_limits(self) -> Limits:
        return Limits(1024, COMPILE_SECONDS, 128, has_address_limit=False, writes_box=True)


COMPILE_SECONDS = 20
LANGUAGES = {
    support.name: support
    for support in (
        LanguageSupport("python", ("python3",), ("/usr/bin/python3", "-I", "-S", "--version"), time_factor=4.0),
        LanguageSupport(
            "javascript",
            ("node",),
            ("/usr/bin/node", "--version"),
            time_factor=2.0,
            memory_overhead_mb=128,
            processes=40,
            has_address_limit=False,
        ),
        LanguageSupport(
            "java",
            ("java", "javac"),
            ("/usr/bin/java", "-version"),
            time_factor=2.0,
            memory_overhead_mb=192,
            processes=80,
            has_address_limit=False,
            load_seconds=4.0,
        ),
        LanguageSupport("cpp", ("g++",), ("/usr/bin/g++", "--version")),
        LanguageSupport("c", ("gcc", "g++"), ("/usr/bin/gcc", "--version")),
    )
}


def cpp_type(text: str) -> str:
    """The C++ type of a type of the bank, e.g. `map<string,int[]>` is std::map<std::string, std::vector<int>>."""
    text = text.strip()
    if text.endswith("[]"):
        return f"std::vector<{cpp_type(text[:-2])}>"
    if text.endswith("?"):
        return f"std::optional<{cpp_type(text[:-1])}>"
    if text.startswith("map<") and text.endswith(">"):
        _, inner = text[4:-1].split(",", 1)
        return f"std::map<std::string, {cpp_type(inner)}>"
    return CPP_TYPES[text]


def cpp_main(signature: JsonObject) -> str:
    """The program that reads each case into values, calls the solution with them as lvalues, and writes the answer."""
    types = [cpp_type(parameter["type"]) for parameter in signature["parameters"]]
    # Named before the solution is included, so that its macros and using-directives cannot change what they mean.
    aliases = "\n".join(f"using Argument{n} = {name};" for n, name in enumerate(types))
    reads = "\n".join(
        f"    auto argument{n} = tandem_judge::Read<tandem_judge::Argument{n}>::from(arguments[{n}]);"
        for n in range(len(types))
    )
    names = ", ".join(f"argument{n}" for n in range(len(types)))
    return f"""#include "harness.hpp"
namespace tandem_judge {{
{aliases}
}}
#include "solution.cpp"
static void tandem_judge_call(std::vector<tandem_judge::Value> &arguments, std::string &out) {{
{reads}
    Solution solution;
    tandem_judge::write(out, solution.{signature["entry_points"]["cpp"]}({names}));
}}
signed main(signed, char **argv) {{ return tandem_judge::serve(argv, tandem_judge_call); }}
"""


def _prepare_python(job: Job) -> Prepared:
    if job.kind is JobKind.PROGRAM:
        return Prepared({"solution.py": job.source}, None, ("/usr/bin/python3", "-I", "-S", f"{BOX}/solution.py"))
    files = {"solution.py": job.source, "harness.py": _harness("harness.py")}
    return Prepared(files, None, ("/usr/bin/python3", "-I", "-S", f"{BOX}/harness.py"))


def _prepare_javascript(job: Job) -> Prepared:
    node = ("/usr/bin/node", f"--max-old-space-size={job.memory_limit_mb}", "--stack-size=8000")
    if job.kind is JobKind.PROGRAM:
        return Prepared({"solution.js": job.source}, None, (*node, f"{BOX}/solution.js"))
    files = {"solution.js": job.source, "harness.js": _harness("harness.js")}
    return Prepared(files, None, (*node, f"{BOX}/harness.js"))


def _prepare_cpp(job: Job) -> Prepared:
    compiler = ("/usr/bin/g++", "-O2", "-std=c++20", "-pipe", "-fmax-errors=5", "-o", "program")
    if job.kind is JobKind.PROGRAM:
        return Prepared({"solution.cpp": job.source}, (*compiler, "solution.cpp"), (f"{BOX}/program",))
    files = {
        "solution.cpp": job.source,
        "harness.hpp": _harness("harness.hpp"),
        "judge_main.cpp": cpp_main(job.signature),
    }
    return Prepared(files, (*compiler, "judge_main.cpp"), (f"{BOX}/program",))


def _prepare_c(job: Job) -> Prepared:
    if job.kind is JobKind.PROGRAM:
        compiler = ("/usr/bin/gcc", "-O2", "-std=c17", "-pipe", "-fmax-errors=5", "-o", "program", "solution.c", "-lm")
        return Prepared({"solution.c": job.source}, compiler, (f"{BOX}/program",))
    # One command for both languages: no -std, so that each has its usual one (gnu17 and gnu++17).
    both = ("/usr/bin/g++", "-O2", "-pipe", "-fmax-errors=5", "-o", "program")
    sources = ("-x", "c++", "judge_main.cpp", "-x", "c", "judged.c", "-x", "none", "-lm")
    files = {
        "solution.c": job.source,
        "judged.c": c_solution(job.signature),
        "harness.hpp": _harness("harness.hpp"),
        "harness_c.hpp": _harness("harness_c.hpp"),
        "judge_main.cpp": c_main(job.signature),
    }
    return Prepared(files, (*both, *sources), (f"{BOX}/program",))


def _prepare_java(job: Job) -> Prepared:
    compiler = ("/usr/bin/javac", "-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1", "-J-XX:-UsePerfData", "-proc:none")
    java = ("/usr/bin/java", f"-Xmx{job.memory_limit_mb}m", *JAVA_FLAGS)
    if job.kind is JobKind.PROGRAM:
        found = JAVA_PUBLIC_CLASS.search(job.source) or JAVA_MAIN_CLASS.search(job.source)
        name = found.group(1) if found else "Main"
        files = {f"{name}.java": job.source}
        return Prepared(files, (*compiler, "-d", ".", f"{name}.java"), (*java, "-cp", BOX, name))
    files = {"Solution.java": job.source, "Harness.java": _harness("Harness.java")}
    opened = ("--add-opens", "java.base/java.io=ALL-UNNAMED")
    compiled = (*compiler, "-d", ".", "Solution.java", "Harness.java")
    return Prepared(files, compiled, (*java, *opened, "-cp", BOX, "Harness"))


def _harness(name: str) -> str:
    return (HARNESS / name).read_text(encoding="utf-8")


_PREPARE = {
    "python": _prepare_python,
    "javascript": _prepare_javascript,
    "cpp": _prepare_cpp,
    "c": _prepare_c,
    "java": _prepare_java,
}


def can_be_judged(language: str, signature: JsonObject) -> bool:
    """Whether a question of this signature can be asked in this language."""
    return has_c_form(signature) if language == "c" else language in signature["entry_points"]


def entry_point(language: str, signature: JsonObject) -> str:
    """The name of the function, or method, that a solution has in this language."""
    return c_entry_point(signature) if language == "c" else str(signature["entry_points"][language])


def version_line(output: str) -> str:
    """The first line of what a tool says of its version."""
    return output.strip().splitlines()[0].strip()[:100] if output.strip() else "unknown"


def known_languages(wanted: Sequence[str]) -> list[LanguageSupport]:
    """The languages of a setting. Raises ValueError for a name that is none."""
    unknown = [name for name in wanted if name not in LANGUAGES]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} cannot be run; there are {', '.join(LANGUAGES)}")
    return [LANGUAGES[name] for name in wanted]
