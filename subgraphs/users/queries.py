"""Root query fields of the users subgraph: one call to a service each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

import strawberry

from ..kit.connections import Connection
from ..kit.errors import InvalidInput
from ..kit.pagination import DEFAULT_PAGE_SIZE, PageRequest
from .account_types import AccountErasure, AuthSession
from .context import Info
from .enums import UserOrder
from .export_types import DataExport
from .inputs import UserFilterInput
from .loaders import roles_loader
from .types import AuditEntry, User, UserSkill

MAX_IDS = 1000
MAX_MINUTES = 366 * 24 * 60
First = Annotated[int, strawberry.argument(description="How many items, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The endCursor of the page before.")]


@strawberry.type
class Query:
    @strawberry.field(description="Who is logged in; null for visitors.")
    async def me(self, info: Info) -> User | None:
        viewer, users = info.context.viewer, info.context.services.users
        user = await users.current(viewer)
        if user is None:
            return None
        roles_loader(info.context).prime(viewer, users.accounts.roles_of(user, viewer))
        return User.from_model(user)

    @strawberry.field(description="A person by id; null when there is none.")
    async def user(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The person's id.")]
    ) -> User | None:
        return await User.resolve_reference(info, id)

    @strawberry.field(description="Where the person is logged in, last used first.")
    async def my_auth_sessions(self, info: Info) -> list[AuthSession]:
        sessions = await info.context.services.sessions.list_live(info.context.viewer)
        return [AuthSession.from_model(session, info.context) for session in sessions]

    @strawberry.field(description="The person's own data exports of the last week, newest first.")
    async def my_data_exports(self, info: Info) -> list[DataExport]:
        states = await info.context.services.exports.list_mine(info.context.viewer)
        return [DataExport.from_state(state) for state in states]

    @strawberry.field(description="One of the person's own data exports: how far it has come, and its documents.")
    async def data_export(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="From requestDataExport.")]
    ) -> DataExport:
        return DataExport.from_state(await info.context.services.exports.get(info.context.viewer, parsed_id(id, "id")))

    @strawberry.field(description="How far the deletion of an account has come, for whoever has its receipt.")
    async def account_erasure(
        self,
        info: Info,
        receipt: Annotated[strawberry.ID, strawberry.argument(description="As deleteMyAccount answered it.")],
    ) -> AccountErasure:
        state = await info.context.services.erasure.state_by_receipt(parsed_id(receipt, "receipt"))
        return AccountErasure.from_state(state)

    @strawberry.field(description="All accounts, with search. Only for admins.")
    async def users(
        self,
        info: Info,
        filter: Annotated[UserFilterInput | None, strawberry.argument(description="Which.")] = None,
        sort: Annotated[UserOrder, strawberry.argument(description="In which order.")] = UserOrder.NEWEST,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> Connection[User]:
        admin, wanted = info.context.services.admin, (filter or UserFilterInput()).to_filter()
        page = await admin.list_users(info.context.viewer, wanted, sort, PageRequest(first, after))
        return Connection[User].from_page(page, User.from_model, partial(admin.count_users, wanted))

    @strawberry.field(description="What admins did, newest first. Only for admins.")
    async def audit_log(
        self,
        info: Info,
        user_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what was done to this account.")
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> Connection[AuditEntry]:
        admin, wanted = info.context.services.admin, parsed_id(user_id, "userId") if user_id else None
        page = await admin.audit_log(info.context.viewer, wanted, PageRequest(first, after))
        return Connection[AuditEntry].from_page(page, AuditEntry.from_model, partial(admin.count_audit_log, wanted))

    @strawberry.field(description="Deletions that some subgraph has not proved in time, oldest first. Only for admins.")
    async def unfinished_erasures(
        self,
        info: Info,
        older_than_minutes: Annotated[int, strawberry.argument(description="How long they have been waiting.")] = 60,
    ) -> list[AccountErasure]:
        if not 0 <= older_than_minutes <= MAX_MINUTES:
            raise InvalidInput(
                f"olderThanMinutes is {older_than_minutes}; it must be from 0 to {MAX_MINUTES}.",
                field="olderThanMinutes",
            )
        before = datetime.now(UTC) - timedelta(minutes=older_than_minutes)
        states = await info.context.services.erasure.unfinished(info.context.viewer, before)
        return [AccountErasure.from_state(state) for state in states]

    @strawberry.federation.field(
        inaccessible=True, description="Skill of people, in the order asked. Only for other services of Tandem."
    )
    async def skill_levels(
        self,
        info: Info,
        user_ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 1000 ids.")],
    ) -> list[UserSkill]:
        info.context.viewer.require_service()
        skills = await info.context.services.ratings.skills(parsed_ids(user_ids, "userIds"))
        return [UserSkill.from_skill(skill) for skill in skills]


def parsed_id(text: str, field: str) -> UUID:
    """The UUID in an ID. Raises InvalidInput."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(f"{text[:50]!r} is not an id of Tandem.", field=field) from error


def parsed_ids(texts: list[strawberry.ID], field: str) -> list[UUID]:
    """So many UUIDs at most. Raises InvalidInput."""
    if len(texts) > MAX_IDS:
        raise InvalidInput(f"There are {len(texts)} ids; {MAX_IDS} are the most.", field=field)
    return [parsed_id(text, field) for text in texts]
