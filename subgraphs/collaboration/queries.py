"""The query fields of the collaboration subgraph, each one call to a service."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry.types import Info

from ..kit.connections import Connection
from ..kit.errors import InvalidInput
from ..kit.pagination import DEFAULT_PAGE_SIZE, PageRequest
from ..kit.personal_data import PersonalDataPage
from .history_types import ExportFormat, HistoryEntry, SessionExport, SessionVersion
from .models import SessionRow
from .run_types import Toolchain
from .types import Context, Document, IceServer, Session, uuid_from

MAX_HISTORY = 2000  # entries of one answer


@strawberry.type
class Query:
    @strawberry.field(description="A session you take part in.")
    async def session(self, info: Info[Context, None], id: strawberry.ID) -> Session:
        info.context.viewer.require_user()
        return Session.from_model(await info.context.services.sessions.get(info.context.viewer, uuid_from(id, "id")))

    @strawberry.field(description="Your sessions, newest first.")
    async def my_sessions(
        self, info: Info[Context, None], first: int = DEFAULT_PAGE_SIZE, after: str | None = None
    ) -> Connection[Session]:
        user_id, sessions = info.context.viewer.require_user(), info.context.services.sessions
        page = await sessions.page_of_user(user_id, PageRequest(first, after))
        return Connection.from_page(page, Session.from_model, lambda: sessions.count_of_user(user_id))

    @strawberry.field(description="The shared document of a session you take part in.")
    async def document(self, info: Info[Context, None], session_id: strawberry.ID) -> Document:
        info.context.viewer.require_user()
        services = info.context.services
        row = await services.sessions.get(info.context.viewer, uuid_from(session_id, "sessionId"))
        return Document.from_loaded(await services.documents.load(row))

    @strawberry.field(description="STUN and TURN servers for a call within a session.")
    async def ice_servers(self, info: Info[Context, None], session_id: strawberry.ID) -> list[IceServer]:
        user_id = info.context.viewer.require_user()
        servers = await info.context.services.live.ice_servers(user_id, uuid_from(session_id, "sessionId"))
        return [IceServer.from_value(server) for server in servers]

    @strawberry.field(description="What happened in a session, number by number, for playing it back.")
    async def session_history(
        self, info: Info[Context, None], session_id: strawberry.ID, first: int = 200, after: int = 0
    ) -> list[HistoryEntry]:
        if not 1 <= first <= MAX_HISTORY:
            raise InvalidInput(f"first is {first}; it must be from 1 to {MAX_HISTORY}.", field="first")
        viewer_id, row = await _session_row(info, session_id)
        entries = await info.context.services.history.history(viewer_id, row, after, first)
        return [HistoryEntry.from_value(entry) for entry in entries]

    @strawberry.field(description="The code as it was after an event of the log.")
    async def session_version(self, info: Info[Context, None], session_id: strawberry.ID, seq: int) -> SessionVersion:
        viewer_id, row = await _session_row(info, session_id)
        return SessionVersion.from_value(await info.context.services.history.version(viewer_id, row, seq), seq)

    @strawberry.field(description="The whole session in one file: JSON, or a page that plays it back.")
    async def session_export(
        self, info: Info[Context, None], session_id: strawberry.ID, format: ExportFormat = ExportFormat.JSON
    ) -> SessionExport:
        viewer_id, row = await _session_row(info, session_id)
        history = info.context.services.history
        if format is ExportFormat.HTML:
            return SessionExport(
                filename=f"session-{row.id}.html",
                content_type="text/html",
                content=await history.export_html(viewer_id, row),
            )
        content = (await history.export_json(viewer_id, row)).decode()
        return SessionExport(filename=f"session-{row.id}.json", content_type="application/json", content=content)

    @strawberry.field(
        description="The languages that code can be run in here, with their versions. Empty without a runner."
    )
    async def toolchains(self, info: Info[Context, None]) -> list[Toolchain]:
        return [Toolchain.from_value(value) for value in await info.context.services.execution.toolchains()]

    @strawberry.federation.field(
        inaccessible=True,
        description="What this subgraph knows of a person, in pages. Only for other services of Tandem.",
    )
    async def collaboration_personal_data(
        self, info: Info[Context, None], user_id: strawberry.ID, cursor: str | None = None
    ) -> PersonalDataPage:
        personal_data = info.context.services.personal_data
        page = await personal_data.page_for(info.context.viewer, uuid_from(user_id, "userId"), cursor)
        return PersonalDataPage.from_page(page)


async def _session_row(info: Info[Context, None], session_id: str) -> tuple[UUID, SessionRow]:
    """Who asks, and the session that he may see."""
    viewer_id = info.context.viewer.require_user()
    row = await info.context.services.sessions.get(info.context.viewer, uuid_from(session_id, "sessionId"))
    return viewer_id, row
