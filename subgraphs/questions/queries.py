"""The query fields of the questions subgraph, each one call to the service."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from ..kit.connections import Connection
from ..kit.errors import InvalidInput
from ..kit.pagination import DEFAULT_PAGE_SIZE, PageRequest
from ..kit.personal_data import PersonalDataPage
from .service import QuestionOrder
from .service_types import JudgeQuestion
from .types import CategoryCount, Context, Question, QuestionFacets, QuestionFilterInput, uuid_from


@strawberry.type
class Query:
    @strawberry.field(description="Questions by filter, in pages.")
    async def questions(
        self,
        info: Info[Context, None],
        filter: QuestionFilterInput | None = None,
        order: QuestionOrder = QuestionOrder.NEWEST,
        first: int = DEFAULT_PAGE_SIZE,
        after: str | None = None,
    ) -> Connection[Question]:
        questions, viewer = info.context.services.questions, info.context.viewer
        wanted = (filter or QuestionFilterInput()).to_filter()
        page = await questions.find(viewer, wanted, order, PageRequest(first, after))
        return Connection.from_page(page, Question.from_model, lambda: questions.count(viewer, wanted))

    @strawberry.field(description="One question, by id or by slug.")
    async def question(
        self, info: Info[Context, None], id: strawberry.ID | None = None, slug: str | None = None
    ) -> Question:
        if (id is None) == (slug is None):
            raise InvalidInput("Name the question either by id or by slug.", field="id")
        questions = info.context.services.questions
        if slug is not None:
            return Question.from_model(await questions.get_by_slug(info.context.viewer, slug))
        return Question.from_model(await questions.get(info.context.viewer, uuid_from(str(id), "id")))

    @strawberry.field(description="The values that the filtered questions have, with their numbers.")
    async def question_facets(
        self, info: Info[Context, None], filter: QuestionFilterInput | None = None
    ) -> QuestionFacets:
        wanted = (filter or QuestionFilterInput()).to_filter()
        return QuestionFacets.from_facets(await info.context.services.questions.facets(info.context.viewer, wanted))

    @strawberry.field(description="The categories, each with the number of its published questions.")
    async def categories(self, info: Info[Context, None]) -> list[CategoryCount]:
        return [
            CategoryCount(name=name, count=count) for name, count in await info.context.services.questions.categories()
        ]

    @strawberry.federation.field(inaccessible=True, description="A question with its hidden cases; for services only.")
    async def judge_question(self, info: Info[Context, None], id: strawberry.ID) -> JudgeQuestion:
        questions = info.context.services.questions
        return JudgeQuestion.from_model(await questions.for_judge(info.context.viewer, uuid_from(id, "id")))

    @strawberry.federation.field(
        inaccessible=True,
        description="What this subgraph knows of a person, in pages. Only for other services of Tandem.",
    )
    async def questions_personal_data(
        self, info: Info[Context, None], user_id: strawberry.ID, cursor: str | None = None
    ) -> PersonalDataPage:
        personal_data = info.context.services.personal_data
        page = await personal_data.page_for(info.context.viewer, uuid_from(user_id, "userId"), cursor)
        return PersonalDataPage.from_page(page)
