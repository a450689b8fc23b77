"""What can go wrong with questions, for a person."""

from __future__ import annotations

from ..kit.errors import Conflict, NotFound


class QuestionNotFound(NotFound):
    """Raised when there is no such question, or it is not published and the viewer is no author."""

    code = "QUESTION_NOT_FOUND"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no question {name!r}.", field="id")


class NoQuestionFits(NotFound):
    """Raised when the bank holds nothing at all for a match: not even after every wish was dropped but the language."""

    code = "NO_QUESTION_FITS"


class WrongStatus(Conflict):
    """Raised when a question cannot be published or retired from the status it has."""

    code = "WRONG_STATUS"


class SlugTaken(Conflict):
    """Raised when another question has this slug."""

    code = "SLUG_TAKEN"

    def __init__(self, slug: str) -> None:
        super().__init__(f"Another question has the slug {slug!r}; choose another.", field="input.slug")
