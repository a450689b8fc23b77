"""The question bank: questions as files that authors write, checked and turned into values the subgraph can store.

In reading order: type_language (types of arguments), question (the values and their JSON), comparison (is an answer
right), starter_code (the four languages), reading, schema_check, generated, markdown and rules (is a file right), loader (load_bank),
solutions (do the reference solutions agree). `questions/` is our own starter bank, `question.schema.json` the format.

Imports: exercism (a copy of exercism/problem-specifications -> questions) with exercism_origin, exercism_cases,
exercism_text and infer_types; import_plan (stored + converted -> what to create, change and retire).
"""

from .comparison import answers_match
from .errors import BankError, Problem
from .exercism import EXERCISM_SOURCE, ExercismReport, Skipped, convert_exercism
from .import_plan import Change, ImportPlan, PlannedQuestion, plan_import
from .loader import BANK_PATH, BankCheck, check_bank, load_bank
from .question import BankQuestion, Difficulty, Example, Language, Origin, Provenance, Signature, TestCase

__all__ = [
    "BANK_PATH",
    "EXERCISM_SOURCE",
    "BankCheck",
    "BankError",
    "BankQuestion",
    "Change",
    "Difficulty",
    "Example",
    "ExercismReport",
    "ImportPlan",
    "Language",
    "Origin",
    "PlannedQuestion",
    "Problem",
    "Provenance",
    "Signature",
    "Skipped",
    "TestCase",
    "answers_match",
    "check_bank",
    "convert_exercism",
    "load_bank",
    "plan_import",
]
