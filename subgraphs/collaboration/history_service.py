"""Look back: the history of a session, its text at any number, going back to a version, and the export of everything."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

from ..kit.database import Database
from ..kit.errors import InvalidInput
from ..kit.events import JsonObject
from .errors import SessionNotFound
from .log_events import EventKind, LogEvent
from .log_repository import LogRepository
from .models import MessageRow, ParticipantRow, RunRow, SessionRow
from .playback import HistoryEntry, replay, text_at
from .repository import MessageRepository, RunRepository, SessionRepository
from .rules import MAX_DOCUMENT_BYTES, Language, PersonalCaps, require_writer, text_name_for
from .service import open_text, show_text
from .update_format import read_update
from .writing import SessionWriter

MAX_EVENTS = 100_000  # of one session that are replayed; some hours of typing without a pause
READ_BATCH = 5000
MAX_EXPORTED = 5000  # chat messages and runs in an export
LOOKS_PER_SECOND, LOOK_BURST = 1.0, 60.0  # of one person: a long session is 50 pages, each read from the whole log
KEPT_FOR = 30.0  # seconds; not longer, because a person who is deleted must not live on here
PAGE = Path(__file__).parent / "export_page.html"


@dataclass(frozen=True, slots=True)
class Version:
    """What was shown at a number of the log."""

    text_name: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class _Replayed:
    session_id: UUID
    head: int
    until: float
    entries: list[HistoryEntry]


class HistoryService:
    """One per process."""

    def __init__(self, database: Database, writer: SessionWriter) -> None:
        self._database = database
        self._writer = writer
        self._caps = PersonalCaps(LOOKS_PER_SECOND, LOOK_BURST, "looks at the history")
        self._replaying = asyncio.Lock()
        self._kept: _Replayed | None = None

    async def history(self, viewer_id: UUID, row: SessionRow, after: int, first: int) -> list[HistoryEntry]:
        """Entries with numbers after `after`. Whether the viewer may see them is settled before."""
        self._caps.take(viewer_id, time.monotonic())
        entries = await self._replay(row)
        return [entry for entry in entries if entry.seq > after][:first]

    async def version(self, viewer_id: UUID, row: SessionRow, seq: int) -> Version:
        """The text that was shown after event `seq`."""
        self._caps.take(viewer_id, time.monotonic())
        events = await self._events(row.id, seq)
        if not seq >= 1 or not events or events[-1].seq < seq:
            raise InvalidInput(f"The session has no event {seq}.", field="seq")
        name, language = _shown(events, row)
        return Version(name, language, await asyncio.to_thread(text_at, events, name))

    async def restore(self, user_id: UUID, session_id: UUID, seq: int) -> SessionRow:
        """Show what was shown at `seq`, in a text of its own; what was written since stays in the log and in its text."""
        async with self._database.session() as session:
            known = await SessionRepository(session).get(session_id)
            seat = await SessionRepository(session).participant(session_id, user_id)
        if known is None or seat is None:
            raise SessionNotFound(session_id)
        version = await self.version(user_id, known, seq)
        async with self._writer.write(session_id, user_id) as writing:
            require_writer(writing.role)
            size = writing.head.document_bytes + len(version.text.encode())
            if size > MAX_DOCUMENT_BYTES:
                raise InvalidInput(
                    f"With this version the document would have {size} bytes; at most {MAX_DOCUMENT_BYTES} are allowed.",
                    field="input.seq",
                )
            base = text_name_for(version.language, writing.row.round)
            name = f"{base}~{writing.head.seq + 1}"
            await open_text(writing, name, version.language, version.text)
            await show_text(writing, name, version.language, "restore")
        return writing.row

    async def export_json(self, viewer_id: UUID, row: SessionRow) -> bytes:
        """Everything both may know of the session, as JSON."""
        return orjson.dumps(await self._export(viewer_id, row))

    async def export_html(self, viewer_id: UUID, row: SessionRow) -> str:
        """The same as one readable page that plays the session back; it loads nothing from anywhere."""
        data = orjson.dumps(await self._export(viewer_id, row)).decode()
        # Within a script element only "</" and "<!--" could end it.
        safe = data.replace("<", "\\u003c")
        return PAGE.read_text(encoding="utf-8").replace("/*DATA*/null", safe)

    async def _export(self, viewer_id: UUID, row: SessionRow) -> JsonObject:
        self._caps.take(viewer_id, time.monotonic())
        entries = await self._replay(row)
        async with self._database.session() as session:
            people = (await SessionRepository(session).participants([row.id])).get(row.id, [])
            messages = await MessageRepository(session).newest(row.id, MAX_EXPORTED)
            runs = await RunRepository(session).newest(row.id, MAX_EXPORTED)
        return _document(row, people, entries, messages, runs)

    async def _replay(self, row: SessionRow) -> list[HistoryEntry]:
        """The history as of now. One at a time, and kept for a moment: a player asks for page after page of the same one."""
        async with self._replaying:
            async with self._database.session() as session:
                head = (await LogRepository(session).heads([row.id])).get(row.id, 0)
                names = await SessionRepository(session).text_names(row.id)
            kept = self._kept
            if kept is not None and (kept.session_id, kept.head) == (row.id, head) and kept.until > time.monotonic():
                return kept.entries
            entries = await asyncio.to_thread(replay, await self._events(row.id, head), names)
            self._kept = _Replayed(row.id, head, time.monotonic() + KEPT_FOR, entries)
            return entries

    async def _events(self, session_id: UUID, until: int | None) -> list[LogEvent]:
        events: list[LogEvent] = []
        async with self._database.session() as session:
            repository = LogRepository(session)
            while len(events) < MAX_EVENTS:
                position = events[-1].seq if events else 0
                batch = await repository.read_after(session_id, position, READ_BATCH, until)
                events += batch
                session.expunge_all()
                if len(batch) < READ_BATCH:
                    break
        return events


def _shown(events: list[LogEvent], row: SessionRow) -> tuple[str, Language]:
    """The text and the language that were shown after these events."""
    for event in reversed(events):
        if event.kind is EventKind.TEXT_CHANGED:
            return event.data["text_name"], Language[event.data["language"]]
    # Nothing was switched until then: the text of the first update, which the server wrote.
    name = next((_first_root(event) for event in events if event.update is not None), row.text_name)
    return name, Language[name.split(":")[1].split("~")[0]]


def _first_root(event: LogEvent) -> str:
    return min(read_update(event.update or b"").root_names)


def _document(
    row: SessionRow,
    people: list[ParticipantRow],
    entries: list[HistoryEntry],
    messages: list[MessageRow],
    runs: list[RunRow],
) -> JsonObject:
    return {
        "format": "tandem-session/1",
        "session": {
            "id": str(row.id),
            "matchId": str(row.match_id) if row.match_id else None,
            "questionId": str(row.question_id) if row.question_id else None,
            "status": row.status,
            "language": Language(row.language).name,
            "textName": row.text_name,
            "createdAt": row.created_at,
            "startedAt": row.started_at,
            "endedAt": row.ended_at,
            "endReason": row.end_reason,
        },
        "participants": [
            {"userId": str(person.user_id), "role": person.role, "color": person.color} for person in people
        ],
        "history": [
            {
                "seq": entry.seq,
                "at": entry.at,
                "kind": entry.kind.value,
                "userId": str(entry.user_id) if entry.user_id else None,
                "textName": entry.text_name,
                "edits": [[edit.position, edit.deleted, edit.inserted] for edit in entry.edits],
                "data": entry.data,
            }
            for entry in entries
        ],
        "messages": [
            {
                "id": str(message.id),
                "userId": str(message.user_id) if message.user_id else None,
                "message": message.message,
                "at": message.created_at,
            }
            for message in messages
        ],
        "runs": [
            {
                "id": str(run.id),
                "userId": str(run.user_id) if run.user_id else None,
                "kind": run.kind,
                "verdict": run.verdict,
                "passed": run.passed,
                "total": run.total,
                "at": run.created_at,
            }
            for run in runs
        ],
    }
