"""Change single test cases among many: add, update, remove, move, one after the other, on what the edits before have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, assert_never

from ..kit.errors import InvalidInput

MAX_EDITS = 500
CaseData: TypeAlias = dict[str, Any]
"""A test case as authors write it: args, expected, and perhaps sample, description, explanation."""


@dataclass(frozen=True, slots=True)
class AddCase:
    """A new case, at this place from 0, or at the end."""

    case: CaseData
    position: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateCase:
    """Replace the members that are given."""

    id: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoveCase:
    id: str


@dataclass(frozen=True, slots=True)
class MoveCase:
    """To this place, from 0, among the others."""

    id: str
    position: int


CaseEdit: TypeAlias = AddCase | UpdateCase | RemoveCase | MoveCase


@dataclass(slots=True)
class _Case:
    id: str | None
    data: CaseData = field(default_factory=dict)


def edited_cases(cases: Sequence[tuple[str, CaseData]], edits: Sequence[CaseEdit]) -> list[CaseData]:
    """The cases (id, data) after all edits. Raises InvalidInput that names the edit, and nothing is changed then."""
    if not 1 <= len(edits) <= MAX_EDITS:
        raise InvalidInput(f"There are {len(edits)} edits; from 1 to {MAX_EDITS} are allowed.", field="input.edits")
    found = [_Case(id, data) for id, data in cases]
    for number, edit in enumerate(edits):
        where = f"input.edits.{number}"
        match edit:
            case AddCase(data, position):
                found.insert(_checked_position(position, len(found), where), _Case(None, data))
            case UpdateCase(id, changes):
                one = found[_index_of(found, id, where)]
                one.data = {**one.data, **changes}
            case RemoveCase(id):
                del found[_index_of(found, id, where)]
            case MoveCase(id, position):
                one = found.pop(_index_of(found, id, where))
                found.insert(_checked_position(position, len(found), where), one)
            case _:
                assert_never(edit)
    return [one.data for one in found]


def _index_of(cases: Sequence[_Case], id: str, where: str) -> int:
    for index, case in enumerate(cases):
        if case.id == id:
            return index
    raise InvalidInput(
        f"The question has no test case {id!r} (any more); take ids from testCases.", field=f"{where}.id"
    )


def _checked_position(position: int | None, count: int, where: str) -> int:
    if position is None:
        return count
    if not 0 <= position <= count:
        raise InvalidInput(f"position is {position}; it must be from 0 to {count}.", field=f"{where}.position")
    return position
