"""Bodies for the edits of single test cases over REST."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ..kit.errors import InvalidInput
from ..kit.rest import RestModel
from . import case_edits


class AddedCase(RestModel):
    """A new case at this place, from 0; at the end without one."""

    case: dict[str, Any] = Field(description="args (a list, or an object by name), expected, sample, ...")
    position: int | None = None


class ChangedCase(RestModel):
    """What is not given stays."""

    id: str
    args: list[Any] | dict[str, Any] | None = None
    expected: Any = None
    sample: bool | None = None
    description: str | None = None
    explanation: str | None = None


class MovedCase(RestModel):
    """To this place among the others, from 0."""

    id: str
    position: int


class CaseEditBody(RestModel):
    """One edit: exactly one of its members is given."""

    add: AddedCase | None = None
    update: ChangedCase | None = None
    remove: str | None = None
    move: MovedCase | None = None

    def to_edit(self, number: int) -> case_edits.CaseEdit:
        """The edit. Raises InvalidInput unless exactly one member is given."""
        found: list[case_edits.CaseEdit] = []
        if self.add is not None:
            found.append(case_edits.AddCase(self.add.case, self.add.position))
        if self.update is not None:
            changes = self.update.model_dump(exclude_unset=True, exclude={"id"})
            found.append(case_edits.UpdateCase(self.update.id, changes))
        if self.remove is not None:
            found.append(case_edits.RemoveCase(self.remove))
        if self.move is not None:
            found.append(case_edits.MoveCase(self.move.id, self.move.position))
        if len(found) != 1:
            raise InvalidInput("Give exactly one of add, update, remove and move.", field=f"input.edits.{number}")
        return found[0]


class EditCasesBody(RestModel):
    """Edits that are done in this order: all of them or none."""

    edits: list[CaseEditBody] = Field(min_length=1, max_length=case_edits.MAX_EDITS)
    note: str = Field("", max_length=500, description="Why, for the history.")
