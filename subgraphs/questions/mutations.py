"""The mutation fields of the questions subgraph, each one call to the service."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from .inputs import CreateQuestionInput, EditTestCasesInput, QuestionVersionInput, UpdateQuestionInput
from .results import CreateQuestionResult, QuestionStatusResult, UpdateQuestionResult
from .rules import QuestionStatus
from .service_types import PickedQuestion, PickQuestionInput
from .types import Context, Difficulty, Question, uuid_from


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Write a new question; it begins as a draft. Takes an Idempotency-Key header. For moderators and admins."
    )
    async def create_question(self, info: Info[Context, None], input: CreateQuestionInput) -> CreateQuestionResult:
        question = await info.context.services.authoring.create(
            info.context.viewer, input.content.to_data(), info.context.idempotency_key
        )
        return Question.from_model(question)

    @strawberry.mutation(description="Change a question. For moderators and admins.")
    async def update_question(self, info: Info[Context, None], input: UpdateQuestionInput) -> UpdateQuestionResult:
        question_id, changes = uuid_from(input.id, "input.id"), input.changes.to_data()
        question = await info.context.services.authoring.change(
            info.context.viewer, question_id, input.expected_version, changes, input.note
        )
        return Question.from_model(question)

    @strawberry.mutation(
        description="Add, update, remove and move single test cases, all edits or none. For moderators and admins."
    )
    async def edit_test_cases(self, info: Info[Context, None], input: EditTestCasesInput) -> UpdateQuestionResult:
        question = await info.context.services.authoring.edit_cases(
            info.context.viewer, uuid_from(input.id, "input.id"), input.expected_version, input.to_edits(), input.note
        )
        return Question.from_model(question)

    @strawberry.mutation(description="Let everybody find a question. For moderators and admins.")
    async def publish_question(self, info: Info[Context, None], input: QuestionVersionInput) -> QuestionStatusResult:
        return await _set_status(info, input, QuestionStatus.PUBLISHED)

    @strawberry.mutation(
        description="Take a question out of lists and matches; who has met it can still read it. For moderators and admins."
    )
    async def retire_question(self, info: Info[Context, None], input: QuestionVersionInput) -> QuestionStatusResult:
        return await _set_status(info, input, QuestionStatus.RETIRED)

    @strawberry.federation.mutation(
        inaccessible=True,
        description="Choose a question for a match; the same match always gets the same one. For services only.",
    )
    async def pick_question(self, info: Info[Context, None], input: PickQuestionInput) -> PickedQuestion:
        info.context.viewer.require_service()
        pick = await info.context.services.questions.pick(
            uuid_from(input.match_id, "input.matchId"),
            [uuid_from(user_id, "input.userIds") for user_id in input.user_ids],
            input.to_wish(),
            uuid_from(input.known_to, "input.knownTo") if input.known_to else None,
        )
        return PickedQuestion(
            question_id=strawberry.ID(str(pick.question_id)),
            title=pick.title,
            difficulty=Difficulty[pick.difficulty],
            categories=pick.categories,
            is_new_to_all=pick.is_new_to_all,
        )


async def _set_status(info: Info[Context, None], input: QuestionVersionInput, wanted: QuestionStatus) -> Question:
    question_id = uuid_from(input.id, "input.id")
    authoring = info.context.services.authoring
    question = await authoring.set_status(info.context.viewer, question_id, input.expected_version, wanted)
    return Question.from_model(question)
