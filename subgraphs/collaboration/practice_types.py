"""How notes, feedback, interview material and invitations look to GraphQL."""

from __future__ import annotations

from datetime import datetime

import strawberry

from . import rules
from .models import FeedbackRow, InvitationRow, NotesRow
from .notes_service import InterviewMaterial as InterviewMaterialValue
from .types import SessionRole, User


@strawberry.type(description="Your private notes on a session; nobody else can read them.")
class Notes:
    text: str = strawberry.field(description="The notes.")
    version: int = strawberry.field(description="Rises with every save; 0 when there are none yet.")
    updated_at: datetime | None = strawberry.field(description="When they were last saved.")

    @classmethod
    def from_model(cls, row: NotesRow | None) -> Notes:
        if row is None:
            return cls(text="", version=0, updated_at=None)
        return cls(text=row.text, version=row.version, updated_at=row.updated_at)


@strawberry.type(description="What only the interviewer sees of the question.")
class InterviewMaterial:
    hints: list[str] = strawberry.field(description="Hints, in the order they should be given.")
    solution: str = strawberry.field(description="The solution, as Markdown.")

    @classmethod
    def from_value(cls, value: InterviewMaterialValue) -> InterviewMaterial:
        return cls(hints=list(value.hints), solution=value.solution)


@strawberry.type(description="The rating of one axis of the rubric.")
class RubricScore:
    axis: str = strawberry.field(description=f"One of {', '.join(rules.RUBRIC_AXES)}.")
    score: int = strawberry.field(description="From 1 to 5.")


@strawberry.type(description="What one of the two says of the other.")
class Feedback:
    author: User = strawberry.field(description="Who says it.")
    subject: User = strawberry.field(description="Of whom.")
    rating: int = strawberry.field(description="From 1 to 5.")
    has_solved: bool | None = strawberry.field(description="Whether the question was solved.")
    rubric: list[RubricScore] = strawberry.field(description="The axes that were rated.")
    comment: str = strawberry.field(description="In words.")
    created_at: datetime = strawberry.field(description="When it was given.")

    @classmethod
    def from_model(cls, row: FeedbackRow) -> Feedback:
        return cls(
            author=User(id=strawberry.ID(str(row.author_id))),
            subject=User(id=strawberry.ID(str(row.subject_id))),
            rating=row.rating,
            has_solved=row.has_solved,
            rubric=[RubricScore(axis=axis, score=score) for axis, score in sorted(row.rubric.items())],
            comment=row.comment,
            created_at=row.created_at,
        )


@strawberry.type(description="Feedback on a session, as you may see it.")
class SessionFeedback:
    given: Feedback | None = strawberry.field(description="What you said.")
    received: Feedback | None = strawberry.field(
        description="What was said of you; null until both have spoken or 24 hours have passed."
    )


@strawberry.type(description="An invitation to a session.")
class Invitation:
    id: strawberry.ID = strawberry.field(description="Its id.")
    code: str = strawberry.field(description="Whoever has it can accept; it is told only once.")
    role: SessionRole = strawberry.field(description="What the guest will be.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")

    @classmethod
    def from_model(cls, row: InvitationRow, code: str) -> Invitation:
        return cls(id=strawberry.ID(str(row.id)), code=code, role=SessionRole(row.role), expires_at=row.expires_at)
