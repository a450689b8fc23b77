"""What the operations of the REST face do: one call to a service each."""

from __future__ import annotations

from ..kit.errors import InvalidInput
from ..kit.pagination import PageRequest
from ..kit.rest import PageQuery, Reply, RestCall, page_reply
from . import rest_models
from .context import Services
from .models import Question
from .rest_case_edits import EditCasesBody
from .rest_models import NewQuestionBody, QuestionAnswer, QuestionBody, QuestionQuery
from .rules import QuestionStatus

Call = RestCall[Services]


async def list_questions(call: Call) -> Reply:
    query = call.query(QuestionQuery)
    request = PageRequest(query.first, query.after)
    questions, wanted = call.services.questions, query.to_filter()
    page = await questions.find(call.viewer, wanted, query.order, request)
    body = rest_models.QuestionListAnswer(
        items=[QuestionAnswer.from_model(row) for row in page.items],
        end_cursor=page.cursors[-1] if page.cursors else None,
        has_next_page=page.has_next_page,
        total_count=await questions.count(call.viewer, wanted) if query.with_total else None,
    )
    return page_reply(body, page)


async def get_question(call: Call) -> Reply:
    return _question_reply(await call.services.questions.get(call.viewer, call.path_id()))


async def get_question_by_slug(call: Call) -> Reply:
    slug = call.request.path_params["slug"]
    return _question_reply(await call.services.questions.get_by_slug(call.viewer, slug))


async def get_material(call: Call) -> Reply:
    material = await call.services.questions.material(call.viewer, call.path_id())
    return Reply(rest_models.MaterialAnswer.model_validate(material))


async def get_statistics(call: Call) -> Reply:
    question = await call.services.questions.get(call.viewer, call.path_id())
    row = (await call.services.progress.statistics([question.id])).get(question.id)
    return Reply(rest_models.StatisticsAnswer.from_model(row))


async def list_revisions(call: Call) -> Reply:
    query = call.query(PageQuery)
    page = await call.services.authoring.revisions(call.viewer, call.path_id(), PageRequest(query.first, query.after))
    if not page.items:
        await call.services.questions.get(call.viewer, call.path_id())
    body = rest_models.RevisionListAnswer(
        items=[rest_models.RevisionAnswer.model_validate(row) for row in page.items],
        end_cursor=page.cursors[-1] if page.cursors else None,
        has_next_page=page.has_next_page,
    )
    return page_reply(body, page)


async def list_categories(call: Call) -> Reply:
    counts = await call.services.questions.categories()
    return Reply(
        rest_models.CategoryListAnswer(items=[rest_models.CountAnswer(value=name, count=n) for name, n in counts])
    )


async def get_facets(call: Call) -> Reply:
    facets = await call.services.questions.facets(call.viewer, call.query(QuestionQuery).to_filter())
    counts = [[rest_models.CountAnswer(value=value, count=count) for value, count in values] for values in facets]
    names = ("difficulties", "categories", "tags", "languages")
    return Reply(rest_models.FacetsAnswer(**dict(zip(names, counts, strict=True))))


async def create_question(call: Call) -> Reply:
    data = call.body(NewQuestionBody).to_data()
    question = await call.services.authoring.create(call.viewer, data, call.idempotency_key)
    location = {"location": f"/v1/questions/{question.id}"}
    return Reply(QuestionAnswer.from_model(question), status=201, version=question.version, headers=location)


async def update_question(call: Call) -> Reply:
    changes = call.body(QuestionBody).to_data()
    authoring = call.services.authoring
    return _question_reply(await authoring.change(call.viewer, call.path_id(), _version(call), changes, "over REST"))


async def edit_test_cases(call: Call) -> Reply:
    body = call.body(EditCasesBody)
    authoring = call.services.authoring
    edits = [edit.to_edit(number) for number, edit in enumerate(body.edits)]
    return _question_reply(await authoring.edit_cases(call.viewer, call.path_id(), _version(call), edits, body.note))


async def publish_question(call: Call) -> Reply:
    return await _set_status(call, QuestionStatus.PUBLISHED)


async def retire_question(call: Call) -> Reply:
    return await _set_status(call, QuestionStatus.RETIRED)


async def get_my_progress(call: Call) -> Reply:
    summary = await call.services.progress.summary(call.viewer, call.viewer.require_user())
    return Reply(rest_models.ProgressAnswer.model_validate(summary))


async def list_my_attempts(call: Call) -> Reply:
    query = call.query(rest_models.AttemptQuery)
    request = PageRequest(query.first, query.after)
    user_id = call.viewer.require_user()
    page = await call.services.progress.attempts(call.viewer, user_id, query.question_id, request)
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
