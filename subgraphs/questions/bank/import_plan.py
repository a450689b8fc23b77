"""Plan an import: compare what is stored with what was converted and say what has to be created, changed or retired.

    stored documents + converted questions + slugs retired upstream -> ImportPlan      (pure: applying it is the service's part)

The same import planned again over its own result changes nothing. What an editor of ours has decided is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from .question import BankQuestion, JsonObject, Origin
from .type_language import JsonValue

RETIRED = "RETIRED"
MAX_SHOWN_CHANGES = 12  # lines per question in the readable diff
# Fields that are derived on import and that an editor may have curated since; the provenance says which.
CURATABLE = {
    "difficulty": "difficulty_source",
    "categories": "categories_source",
    "starter_code": "starter_code_source",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words: `difficulty: Easy -> Medium`, `test case 1e22...: added`."""

    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """A document to store under its (source, slug), and how it differs from the stored one (empty for a new one)."""

    document: JsonObject
    changes: tuple[Change, ...] = ()

    @property
    def slug(self) -> str:
        return str(self.document["slug"])


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. `vanished` are stored questions that upstream has neither kept nor deprecated: they stay."""

    created: tuple[PlannedQuestion, ...]
    changed: tuple[PlannedQuestion, ...]
    unchanged: tuple[str, ...]
    retired: tuple[str, ...]
    vanished: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.created or self.changed or self.retired)

    def __str__(self) -> str:
        lines = [
            f"{len(self.created)} to create, {len(self.changed)} to change, {len(self.retired)} to retire, "
            f"{len(self.unchanged)} unchanged",
            *(f"+ {planned.slug}: {_summary(planned.document)}" for planned in self.created),
        ]
        for planned in self.changed:
            lines.append(f"~ {planned.slug}")
            lines += [f"    {change}" for change in planned.changes[:MAX_SHOWN_CHANGES]]
            if len(planned.changes) > MAX_SHOWN_CHANGES:
                lines.append(f"    ... and {len(planned.changes) - MAX_SHOWN_CHANGES} more")
        lines += [f"- {slug}: deprecated upstream, no longer offered" for slug in self.retired]
        lines += [f"? {slug}: no longer found upstream, left as it is" for slug in self.vanished]
        return "\n".join(lines)


def plan_import(
    existing: Iterable[JsonObject], converted: Iterable[BankQuestion], *, retired: Iterable[str] = ()
) -> ImportPlan:
    """Plan the import of one source over its stored documents.

    `existing` has the shape of `BankQuestion.to_document()`, plus an optional `status` ("RETIRED" is left alone unless the question
    is converted again). Documents of other sources are ignored, so that an import
    that brings nothing at all (a wrong folder) retires nothing. Raises ValueError when `converted` names one question twice.
    """
    questions = list(converted)
    sources = {question.source for question in questions}
    stored = {(doc["source"], doc["slug"]): doc for doc in existing if doc["source"] in sources}
    created: list[PlannedQuestion] = []
    changed: list[PlannedQuestion] = []
    unchanged: list[str] = []
    met: set[tuple[str, str]] = set()
    for question in sorted(questions, key=lambda question: (question.source, question.slug)):
        key = (question.source, question.slug)
        if key in met:
            raise ValueError(f"{question.slug} of {question.source} is given twice")
        met.add(key)
        before = stored.get(key)
        if before is None:
            created.append(PlannedQuestion(question.to_document()))
            continue
        planned = _planned_change(before, question.to_document())
        if planned.changes:
            changed.append(planned)
        else:
            unchanged.append(question.slug)
    gone = {slug: doc for (source, slug), doc in sorted(stored.items()) if (source, slug) not in met}
    offered = [slug for slug, doc in gone.items() if doc.get("status") != RETIRED]
    deprecated = set(retired)
    return ImportPlan(
        created=tuple(created),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        retired=tuple(slug for slug in offered if slug in deprecated),
        vanished=tuple(slug for slug in offered if slug not in deprecated),
    )


def _planned_change(before: JsonObject, incoming: JsonObject) -> PlannedQuestion:
    document = _keep_curated(before, incoming)
    changes: list[Change] = []
    for field, after in document.items():
        old = before.get(field)
        if field == "examples":
            continue  # made from the sample cases: their change is told below
        if field == "test_cases":
            changes += _case_changes(old or [], after)
        elif field == "provenance":
            changes += _provenance_changes(old or {}, after)
        elif old != after:
            changes.append(Change(field, f"{_show(old)} -> {_show(after)}"))
    if before.get("status") == RETIRED:
        changes.append(Change("status", "offered again"))
    return PlannedQuestion(document, tuple(changes))


def _keep_curated(before: JsonObject, incoming: JsonObject) -> JsonObject:
    """The incoming document, but with the fields that one of ours has decided since the last import."""
    document = {**incoming, "provenance": dict(incoming["provenance"])}
    provenance = before.get("provenance") or {}
    for field, origin in CURATABLE.items():
        if provenance.get(origin) == Origin.CURATED and incoming["provenance"][origin] != Origin.CURATED:
            document[field] = before[field]
            document["provenance"][origin] = Origin.CURATED.value
    return document


def _provenance_changes(before: JsonObject, after: JsonObject) -> list[Change]:
    """Every import has a new commit, and with it a new URL: alone they do not make a question a changed one."""
    return [
        Change(f"provenance.{key}", f"{_show(before.get(key))} -> {_show(value)}")
        for key, value in after.items()
        if key not in ("commit", "url") and before.get(key) != value
    ]


def _case_changes(before: list[JsonObject], after: list[JsonObject]) -> list[Change]:
    old = {case["id"]: case for case in before}
    new = {case["id"]: case for case in after}
    changes = [
        Change(f"test case {i}", f"added ({case['description'] or _show(case['args'])})")
        for i, case in new.items()
        if i not in old
    ]
    changes += [
        Change(f"test case {i}", f"removed ({case.get('description') or _show(case.get('args'))})")
        for i, case in old.items()
        if i not in new
    ]
    for identity, case in new.items():
        if identity not in old:
            continue
        fields = [key for key, value in case.items() if old[identity].get(key) != value]
        changes += [
            Change(f"test case {identity}", f"{key} {_show(old[identity].get(key))} -> {_show(case[key])}")
            for key in fields
        ]
    if not changes and list(old) != list(new):
        changes.append(Change("test cases", "in another order"))
    return changes


def _summary(document: JsonObject) -> str:
    samples = sum(case["sample"] for case in document["test_cases"])
    languages = ", ".join(document["signature"]["entry_points"])
    return f"{document['title']} ({document['difficulty']}), {len(document['test_cases'])} cases, {samples} shown; {languages}"


def _show(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
