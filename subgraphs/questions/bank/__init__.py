"""The question bank: questions as files that authors write, checked and turned into values the subgraph can store.

In reading order: type_language (types of arguments), question (the values and their JSON), comparison (is an answer
right), starter_code (the four languages), reading, schema_check, generated and rules (is a file right), loader (load_bank),
solutions (do the reference solutions agree). `questions/` is our own starter bank, `question.schema.json` the format.
"""

from .comparison import answers_match
from .errors import BankError, Problem
from .loader import BANK_PATH, BankCheck, check_bank, load_bank
from .question import BankQuestion, Difficulty, Example, Language, Origin, Provenance, Signature, TestCase

__all__ = [
    "BANK_PATH",
    "BankCheck",
    "BankError",
    "BankQuestion",
    "Difficulty",
    "Example",
    "Language",
    "Origin",
    "Problem",
    "Provenance",
    "Signature",
    "TestCase",
    "answers_match",
    "check_bank",
    "load_bank",
]
