"""The services that resolvers of this subgraph find at `info.context.services`, wired once per process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from ..kit.app import Runtime
from ..kit.coalescing import Coalescing
from ..kit.idempotency import IdempotencyKeys
from ..kit.personal_data import PersonalData
from ..kit.service_client import ServiceClient
from .access import Access
from .chat_service import ChatService
from .document_service import DocumentService
from .erasure import Erasure
from .execution import ChildRunner, NoRunner, Runner, SocketRunner
from .execution_service import ExecutionService
from .export import SECTIONS
from .feedback_service import FeedbackService
from .history_service import HistoryService
from .invitation_service import InvitationService
from .lifecycle import Lifecycle
from .live_service import IceSettings, LiveService
from .loaders import of_events
from .models import Idempotency, MessageRow, RunRow
from .notes_service import NotesService
from .presence import Presence
from .question_source import QuestionSource, RemoteQuestions
from .room import Rooms
from .service import SessionService
from .settings import CollaborationSettings
from .stream import SessionStream
from .writing import SessionWriter


@dataclass(frozen=True, slots=True)
class Services:
    """One per process."""

    sessions: SessionService
    documents: DocumentService
    chat: ChatService
    live: LiveService
    presence: Presence
    stream: SessionStream
    rooms: Rooms
    questions: QuestionSource
    execution: ExecutionService
    runner: Runner
    notes: NotesService
    feedback: FeedbackService
    invitations: InvitationService
    history: HistoryService
    lifecycle: Lifecycle
    erasure: Erasure
    personal_data: PersonalData
    idempotency: IdempotencyKeys
    messages_of_events: Coalescing[UUID, MessageRow | None]
    runs_of_events: Coalescing[UUID, RunRow | None]


def wire(runtime: Runtime) -> Services:
    settings = runtime.settings
    if not isinstance(settings, CollaborationSettings):
        raise TypeError("the collaboration subgraph needs CollaborationSettings")
    client = ServiceClient(settings.question_service_url, caller="collaboration", secret=settings.service_secret)
    questions = RemoteQuestions(client)
    database = runtime.database
    runner = _runner_for(settings)
    rooms = Rooms(database, runtime.signals)
    writer = SessionWriter(database, rooms, runtime.outbox)
    documents = DocumentService(database, rooms)
    writer.on_commit = documents.note_changes
    presence = Presence(database, rooms)
    ice = IceSettings(tuple(settings.stun_urls), tuple(settings.turn_urls), settings.turn_secret, settings.turn_ttl)
    access = Access(rooms)
    sessions = SessionService(database, writer, runtime.outbox, questions, access)
    feedback = FeedbackService(database, writer)
    idempotency = IdempotencyKeys(Idempotency)
    chat = ChatService(database, writer)
    execution = ExecutionService(database, writer, documents, questions, runner, runtime.outbox, idempotency)
    return Services(
        sessions=sessions,
        documents=documents,
        chat=chat,
        live=LiveService(database, rooms, ice),
        presence=presence,
        stream=SessionStream(database, rooms, presence),
        rooms=rooms,
        questions=questions,
        execution=execution,
        runner=runner,
        notes=NotesService(database, questions),
        feedback=feedback,
        invitations=InvitationService(database, writer, sessions, questions, idempotency),
        history=HistoryService(database, writer),
        lifecycle=Lifecycle(
            database,
            writer,
            sessions,
            feedback,
            leave_grace=settings.leave_grace,
            join_grace=settings.join_grace,
            idle_limit=settings.idle_limit,
        ),
        erasure=Erasure(sessions, runtime.outbox),
        personal_data=PersonalData(database, SECTIONS),
        idempotency=idempotency,
        messages_of_events=of_events(chat.get_many),
        runs_of_events=of_events(execution.get_many),
    )


def background(services: Services) -> list[Callable[[], Awaitable[None]]]:
    """What runs as long as the process."""
    work: list[Callable[[], Awaitable[None]]] = [
        services.documents.log.run,
        services.documents.run,
        services.rooms.poll,
        services.presence.run,
        services.execution.sweep,
        services.lifecycle.run,
    ]
    if isinstance(services.runner, ChildRunner):
        work.append(services.runner.keep_running)
    return work


def _runner_for(settings: CollaborationSettings) -> Runner:
    match settings.execution:
        case "off":
            return NoRunner()
        case "child":
            return ChildRunner(workers=settings.execution_workers, languages=settings.execution_languages)
        case address:
            return SocketRunner(address, settings.runner_secret or "")


async def close(services: Services) -> None:
    """End what the services hold open."""
    await services.execution.aclose()
    await services.questions.aclose()
