"""The mutation fields of the questions subgraph, each one call to the service."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from .types import Context, Difficulty, PickedQuestion, PickQuestionInput, uuid_from


@strawberry.type
class Mutation:
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
            question_id=strawberry.ID(str(pick.question.id)),
            title=pick.question.title,
            difficulty=Difficulty[pick.question.difficulty],
            categories=list(pick.question.category),
            is_new_to_all=pick.is_new_to_all,
        )
