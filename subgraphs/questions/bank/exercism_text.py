"""The words of an exercise: title and statement from its files, difficulty and categories by rule (both marked as derived)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .question import CATEGORIES, Difficulty, Signature
from .type_language import BaseType, contains_base, nesting

MAX_DESCRIPTION_CHARACTERS = 20_000
# Words in title, blurb or slug that tell a category; whole words only.
CATEGORY_WORDS = {
    "Binary Search": ("binary search",),
    "Linked Lists": ("linked list",),
    "Trees": ("tree", "trees", "zipper"),
    "Graphs": ("graph", "maze", "dominoes", "connections"),
    "Queues": ("queue", "buffer"),
    "Stacks": ("bracket", "brackets", "stack", "forth"),
    "Sorting": ("sort", "sorted", "tally"),
    "Math": (
        "prime", "primes", "sum", "square", "squares", "factors", "triangle", "leap", "roman", "base", "sieve", "collatz",
        "armstrong", "pythagorean", "triplet", "divisible",
    ),
    "Bit Manipulation": ("bit", "bits", "handshake"),
    "Dynamic Programming": ("knapsack", "coins"),
    "Backtracking": ("puzzle", "puzzles", "sudoku", "alphametics"),
    "Sliding Window": ("substring", "substrings"),
}  # fmt: skip
MAX_CATEGORIES = 3


@dataclass(frozen=True, slots=True)
class ExerciseText:
    """What people read of an exercise, and who thought of it."""

    title: str
    blurb: str
    description: str
    attribution: str


def read_text(folder: Path) -> ExerciseText:
    """Title and statement; a missing or broken metadata.toml leaves the title to the folder's name."""
    try:
        metadata = tomllib.loads((folder / "metadata.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        metadata = {}
    parts = [_read(folder / name) for name in ("introduction.md", "instructions.md", "description.md")]
    statement = "\n\n".join(part for part in map(_clean, parts) if part)
    source = " ".join(str(metadata[key]) for key in ("source", "source_url") if metadata.get(key))
    return ExerciseText(
        title=str(metadata.get("title") or folder.name.replace("-", " ").title())[:120],
        blurb=str(metadata.get("blurb", "")),
        description=statement[:MAX_DESCRIPTION_CHARACTERS],
        attribution=source,
    )


def derive_difficulty(signature: Signature, case_count: int, statement: str) -> Difficulty:
    """A rule of thumb: many cases, long statements and nested data are harder. One point each; 0-1 Easy, 2 Medium."""
    types = [parameter.type for parameter in signature.parameters] + [signature.returns]
    points = (
        (case_count >= 12)
        + (case_count >= 25)
        + (len(statement) >= 1_500)
        + (len(statement) >= 3_500)
        + any(nesting(value_type) >= 2 or value_type == BaseType("any") for value_type in types)
        + (len(signature.parameters) >= 4)
    )
    if points <= 1:
        return Difficulty.EASY
    return Difficulty.MEDIUM if points == 2 else Difficulty.HARD


def derive_categories(folder_name: str, text: ExerciseText, signature: Signature) -> tuple[str, ...]:
    """By words of title and blurb first, then by the types of the arguments."""
    words = f" {re.sub(r'[^a-z]+', ' ', f'{folder_name} {text.title} {text.blurb}'.lower())} "
    found = [name for name, marks in CATEGORY_WORDS.items() if any(f" {mark} " in words for mark in marks)]
    types = [parameter.type for parameter in signature.parameters] + [signature.returns]
    if any(contains_base(value_type, "string") for value_type in types):
        found.append("Strings")
    if any(str(value_type).endswith("[]") for value_type in types):
        found.append("Arrays")
    if any(str(value_type).startswith("map<") for value_type in types):
        found.append("Hash Tables")
    if all(str(value_type).rstrip("?") in ("int", "long", "float", "bool") for value_type in types) or not found:
        found.append("Math")
    return tuple(sorted(list(dict.fromkeys(found))[:MAX_CATEGORIES], key=CATEGORIES.index))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _clean(text: str) -> str:
    """Drop the file's own heading and comments to tools, and show notes (`~~~~exercism/note`) as quotations, which every Markdown knows."""
    text = re.sub(r"^<!--.*?-->[ \t]*\n?", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\A\s*#\s+(Introduction|Instructions|Description)\s*\n", "", text)

    def quote(match: re.Match[str]) -> str:
        return "\n".join(f"> {line}".rstrip() for line in match[1].strip("\n").split("\n")) + "\n"

    return re.sub(r"^~{3,}exercism/\w+\n(.*?)^~{3,}\s*$", quote, text, flags=re.MULTILINE | re.DOTALL).strip()
