"""The REST face of the questions subgraph: one call to a service each, under /v1."""

from __future__ import annotations

from ..kit.auth import TokenVerifier
from ..kit.errors import InvalidInput, VersionConflict
from ..kit.idempotency import IdempotencyKeyReused
from ..kit.pagination import PageRequest
from ..kit.rest import Operation, PageQuery, Reply, RestApi, RestCall, page_reply
from . import errors, rest_models
from .context import Services
from .models import Question
from .rest_models import QuestionAnswer, QuestionBody, QuestionQuery
from .rules import QuestionStatus

Call = RestCall[Services]
DESCRIPTION = (
    "The question bank: find, read, write; your attempts and progress. The same rules and errors as in GraphQL."
)


def questions_api(services: Services, verifier: TokenVerifier) -> RestApi[Services]:
    return RestApi("Tandem questions", DESCRIPTION, OPERATIONS, services, verifier)


async def list_questions(call: Call) -> Reply:
    query = call.query(QuestionQuery)
    request = PageRequest(query.first, query.after)
    page = await call.services.questions.find(call.viewer, query.to_filter(), query.order, request)
    body = rest_models.QuestionListAnswer(
        items=[QuestionAnswer.from_model(row) for row in page.items],
        end_cursor=page.cursors[-1] if page.cursors else None,
        has_next_page=page.has_next_page,
    )
    return page_reply(body, page)


async def get_question(call: Call) -> Reply:
    return _question_reply(await call.services.questions.get(call.viewer, call.path_id()))


async def get_facets(call: Call) -> Reply:
    facets = await call.services.questions.facets(call.viewer, call.query(QuestionQuery).to_filter())
    counts = [[rest_models.CountAnswer(value=value, count=count) for value, count in values] for values in facets]
    names = ("difficulties", "categories", "tags", "languages")
    return Reply(rest_models.FacetsAnswer(**dict(zip(names, counts, strict=True))))


async def create_question(call: Call) -> Reply:
    data = call.body(QuestionBody).to_data()
    question = await call.services.authoring.create(call.viewer, data, call.idempotency_key)
    location = {"location": f"/v1/questions/{question.id}"}
    return Reply(QuestionAnswer.from_model(question), status=201, version=question.version, headers=location)


async def update_question(call: Call) -> Reply:
    changes = call.body(QuestionBody).to_data()
    authoring = call.services.authoring
    return _question_reply(await authoring.change(call.viewer, call.path_id(), _version(call), changes, "over REST"))


async def publish_question(call: Call) -> Reply:
    return await _set_status(call, QuestionStatus.PUBLISHED)


async def retire_question(call: Call) -> Reply:
    return await _set_status(call, QuestionStatus.RETIRED)


async def get_my_progress(call: Call) -> Reply:
    summary = await call.services.progress.summary(call.viewer, call.viewer.require_user())
    return Reply(rest_models.ProgressAnswer.model_validate(summary))


async def list_my_attempts(call: Call) -> Reply:
    query = call.query(PageQuery)
    request = PageRequest(query.first, query.after)
    page = await call.services.progress.attempts(call.viewer, call.viewer.require_user(), None, request)
    body = rest_models.AttemptListAnswer(
        items=[rest_models.AttemptAnswer.model_validate(row) for row in page.items],
        end_cursor=page.cursors[-1] if page.cursors else None,
        has_next_page=page.has_next_page,
    )
    return page_reply(body, page)


async def _set_status(call: Call, wanted: QuestionStatus) -> Reply:
    authoring = call.services.authoring
    return _question_reply(await authoring.set_status(call.viewer, call.path_id(), _version(call), wanted))


def _question_reply(question: Question) -> Reply:
    return Reply(QuestionAnswer.from_model(question), version=question.version)


def _version(call: Call) -> int:
    if call.expected_version is None:
        raise InvalidInput(
            'Say which version you change: the header If-Match with the ETag you got, like "v3".', field="if-match"
        )
    return call.expected_version


_ERRORS_OF_WRITING = (errors.QuestionNotFound, VersionConflict)
OPERATIONS = (
    Operation(
        method="GET",
        path="/questions",
        handler=list_questions,
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
        handler=get_facets,
        summary="The values that the filtered questions have, with their numbers",
        tag="Questions",
        query=QuestionQuery,
        answer=rest_models.FacetsAnswer,
        needs_login=False,
    ),
    Operation(
        method="GET",
        path="/questions/{id}",
        handler=get_question,
        summary="One question",
        tag="Questions",
        answer=QuestionAnswer,
        errors=(errors.QuestionNotFound,),
        needs_login=False,
        has_version=True,
    ),
    Operation(
        method="POST",
        path="/questions",
        handler=create_question,
        summary="Write a new question; it begins as a draft",
        tag="Authors",
        body=QuestionBody,
        answer=QuestionAnswer,
        status=201,
        errors=(errors.SlugTaken, IdempotencyKeyReused),
        takes_idempotency_key=True,
    ),
    Operation(
        method="PATCH",
        path="/questions/{id}",
        handler=update_question,
        summary="Change a question; what is not given stays",
        tag="Authors",
        body=QuestionBody,
        answer=QuestionAnswer,
        errors=(*_ERRORS_OF_WRITING, errors.SlugTaken),
        has_version=True,
    ),
    Operation(
        method="POST",
        path="/questions/{id}/publish",
        handler=publish_question,
        summary="Let everybody find a question",
        tag="Authors",
        answer=QuestionAnswer,
        errors=(*_ERRORS_OF_WRITING, errors.WrongStatus),
        has_version=True,
    ),
    Operation(
        method="POST",
        path="/questions/{id}/retire",
        handler=retire_question,
        summary="Take a question out of lists and matches",
        tag="Authors",
        answer=QuestionAnswer,
        errors=(*_ERRORS_OF_WRITING, errors.WrongStatus),
        has_version=True,
    ),
    Operation(
        method="GET",
        path="/me/progress",
        handler=get_my_progress,
        summary="Your progress over all questions",
        tag="Progress",
        answer=rest_models.ProgressAnswer,
    ),
    Operation(
        method="GET",
        path="/me/attempts",
        handler=list_my_attempts,
        summary="Your judged submissions, newest first",
        tag="Progress",
        query=PageQuery,
        answer=rest_models.AttemptListAnswer,
        is_paged=True,
    ),
)
