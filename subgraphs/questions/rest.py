"""The REST face of the questions subgraph under /v1: every operation with what it takes, answers and refuses."""

from __future__ import annotations

from ..kit.auth import TokenVerifier
from ..kit.errors import VersionConflict
from ..kit.idempotency import IdempotencyKeyReused
from ..kit.rest import Operation, PageQuery, RestApi
from . import errors, rest_models
from . import rest_handlers as handlers
from .context import Services
from .rest_case_edits import EditCasesBody
from .rest_models import NewQuestionBody, QuestionAnswer, QuestionBody, QuestionQuery

DESCRIPTION = (
    "The question bank: find, read, write; your attempts and progress. The same rules and errors as in GraphQL."
)


def questions_api(services: Services, verifier: TokenVerifier) -> RestApi[Services]:
    return RestApi("Tandem questions", DESCRIPTION, OPERATIONS, services, verifier)


_ERRORS_OF_WRITING = (errors.QuestionNotFound, VersionConflict)
OPERATIONS = (
    Operation(
        method="GET",
        path="/questions",
        handler=handlers.list_questions,
        summary="Questions by filter, in pages",
        tag="Questions",
        query=QuestionQuery,
        answer=rest_models.QuestionListAnswer,
        needs_login=False,
        is_paged=True,
    ),
    Operation(
        method="GET",
        path="/questions/facets",
        handler=handlers.get_facets,
        summary="The values that the filtered questions have, with their numbers",
        tag="Questions",
        query=QuestionQuery,
        answer=rest_models.FacetsAnswer,
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/questions/by-slug/{slug}",
        handler=handlers.get_question_by_slug,
        summary="One question, by its name in addresses",
        tag="Questions",
        answer=QuestionAnswer,
        errors=(errors.QuestionNotFound,),
        needs_login=False,
        has_version=True,
    ),
    Operation(
        method="GET",
        path="/categories",
        handler=handlers.list_categories,
        summary="The categories, each with the number of its published questions",
        tag="Questions",
        answer=rest_models.CategoryListAnswer,
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/questions/{id}",
        handler=handlers.get_question,
        summary="One question",
        tag="Questions",
        answer=QuestionAnswer,
        errors=(errors.QuestionNotFound,),
        needs_login=False,
        has_version=True,
    ),
    Operation(
        method="GET",
        path="/questions/{id}/material",
        handler=handlers.get_material,
        summary="Hints, editorial and all test cases, each as far as you may see it",
        tag="Questions",
        answer=rest_models.MaterialAnswer,
        errors=(errors.QuestionNotFound,),
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/questions/{id}/statistics",
        handler=handlers.get_statistics,
        summary="What all people have done with a question",
        tag="Questions",
        answer=rest_models.StatisticsAnswer,
        errors=(errors.QuestionNotFound,),
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/questions/{id}/revisions",
        handler=handlers.list_revisions,
        summary="What a question was at each of its versions, newest first",
        tag="Authors",
        query=PageQuery,
        answer=rest_models.RevisionListAnswer,
        errors=(errors.QuestionNotFound,),
        is_paged=True,
    ),
    Operation(
        method="POST",
        path="/questions",
        handler=handlers.create_question,
        summary="Write a new question; it begins as a draft",
        tag="Authors",
        body=NewQuestionBody,
        answer=QuestionAnswer,
        status=201,
        errors=(errors.SlugTaken, IdempotencyKeyReused),
        takes_idempotency_key=True,
    ),
    Operation(
        method="PATCH",
        path="/questions/{id}",
        handler=handlers.update_question,
        summary="Change a question; what is not given stays",
        tag="Authors",
        body=QuestionBody,
        answer=QuestionAnswer,
        errors=(*_ERRORS_OF_WRITING, errors.SlugTaken),
        has_version=True,
        needs_version=True,
    ),
    Operation(
        method="POST",
        path="/questions/{id}/test-case-edits",
        handler=handlers.edit_test_cases,
        summary="Add, change, remove and move single test cases, all edits or none",
        tag="Authors",
        body=EditCasesBody,
        answer=QuestionAnswer,
        errors=_ERRORS_OF_WRITING,
        has_version=True,
        needs_version=True,
    ),
    Operation(
        method="POST",
        path="/questions/{id}/publish",
        handler=handlers.publish_question,
        summary="Let everybody find a question",
        tag="Authors",
        answer=QuestionAnswer,
        errors=(*_ERRORS_OF_WRITING, errors.WrongStatus),
        has_version=True,
        needs_version=True,
    ),
    Operation(
        method="POST",
        path="/questions/{id}/retire",
        handler=handlers.retire_question,
        summary="Take a question out of lists and matches",
        tag="Authors",
        answer=QuestionAnswer,
        errors=(*_ERRORS_OF_WRITING, errors.WrongStatus),
        has_version=True,
        needs_version=True,
    ),
    Operation(
        method="GET",
        path="/me/progress",
        handler=handlers.get_my_progress,
        summary="Your progress over all questions",
        tag="Progress",
        answer=rest_models.ProgressAnswer,
    ),
    Operation(
        method="GET",
        path="/me/attempts",
        handler=handlers.list_my_attempts,
        summary="Your judged submissions, newest first",
        tag="Progress",
        query=rest_models.AttemptQuery,
        answer=rest_models.AttemptListAnswer,
        is_paged=True,
    ),
)
