"""The shared document: push updates, load it, keep its readable text and its snapshot up to date."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog

from ..kit.database import Database
from .compaction import compact_updates
from .document_log import Acknowledged, DocumentLog, Push
from .document_text import DocumentReader, check_update, storable
from .errors import SessionNotFound
from .log_events import LogEvent, StreamEvent
from .log_repository import LogRepository
from .models import LogRow, SessionRow
from .repository import SessionRepository
from .room import Rooms
from .rules import PersonalCaps, check_name, check_update_sizes

logger = structlog.get_logger(__name__)

COMPACT_AFTER = 500  # updates since the last snapshot; merging so many costs about 1 ms, merging 20,000 at once 1.4 s
# Seconds between two looks for changed documents: whoever asks for the code meanwhile gets it from the log, so nobody waits for it.
SAVE_INTERVAL = 15.0
SAVE_PAUSE = (
    0.02  # seconds between two documents that are saved, so that keystrokes do not stand in line behind many of them
)
READ_BATCH = 5000
MAX_READERS = 200  # documents kept in memory for reading their text
PUSHES_PER_SECOND = 60.0  # of one person: a push per animation frame
PUSH_BURST = 240.0
# Of one person, too: reading 256 KiB of the smallest items takes 0.25 s of this process, which serves the others besides.
PUSHED_BYTES_PER_SECOND, PUSHED_BYTES_BURST = 256.0 * 1024, 4.0 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """A document to start from: apply all `updates` in order, then follow the events after `seq`."""

    session: SessionRow
    epoch: UUID
    seq: int
    updates: tuple[bytes, ...]


@dataclass(slots=True)
class _Reader:
    document: DocumentReader
    seq: int


class DocumentService:
    """One per process."""

    def __init__(self, database: Database, rooms: Rooms) -> None:
        self._database = database
        self._rooms = rooms
        self.log = DocumentLog(database, self._committed)
        self._readers: OrderedDict[UUID, _Reader] = OrderedDict()
        self._changed: set[UUID] = set()
        self._uncompacted: Counter[UUID] = Counter()
        """Updates of each session since this process looked last whether there is enough to compact."""
        self._caps = PersonalCaps(PUSHES_PER_SECOND, PUSH_BURST, "updates")
        self._byte_caps = PersonalCaps(PUSHED_BYTES_PER_SECOND, PUSHED_BYTES_BURST, "bytes of updates")

    async def push(
        self,
        user_id: UUID,
        session_id: UUID,
        updates: Sequence[bytes],
        *,
        epoch: UUID | None,
        client_id: str | None,
        client_seq: int | None,
    ) -> Acknowledged:
        """Store a client's raw updates; returns after they are committed. Raises the typed errors of a refused push."""
        check_update_sizes(updates)
        check_name(client_id, "input.clientId")
        now = time.monotonic()
        self._caps.take(user_id, now)
        self._byte_caps.take(user_id, now, sum(map(len, updates)))
        writers: set[int] = set()
        for update in updates:
            writers |= check_update(update).writers
        return await self.log.append(
            Push(
                session_id=session_id,
                user_id=user_id,
                updates=tuple(updates),
                writers=frozenset(writers),
                epoch=epoch,
                client_id=client_id,
                client_seq=client_seq,
            )
        )

    async def load(self, session_row: SessionRow) -> LoadedDocument:
        """The document as it is now: the snapshot, and the raw updates after it."""
        async with self._database.session() as session:
            repository = LogRepository(session)
            log = await repository.get(session_row.id)
            if log is None:
                raise SessionNotFound(session_row.id)
            snapshot = await repository.snapshot(session_row.id)
            updates = [snapshot.data] if snapshot else []
            seq = snapshot.seq if snapshot else 0
            async for _, update in _all_updates(repository, session_row.id, seq, log.head_seq):
                updates.append(update)
            # Read after the number: a text that is shown since then is told again by the events that follow.
            shown = await SessionRepository(session).get(session_row.id)
            return LoadedDocument(shown or session_row, log.epoch, log.head_seq, tuple(updates))

    async def code_of(self, rows: Sequence[SessionRow], logs: dict[UUID, LogRow]) -> dict[UUID, str]:
        """The readable text of these sessions, read anew where the stored one is behind."""
        codes = {}
        for row in rows:
            log = logs.get(row.id)
            is_current = log is None or row.code_seq >= log.document_seq
            codes[row.id] = row.code if is_current else await self.text_of(row.id, row.text_name)
        return codes

    async def text_of(self, session_id: UUID, text_name: str) -> str:
        """The content of a text as of the head of the log."""
        reader = await self._caught_up_reader(session_id)
        return reader.document.text(text_name)

    async def save_code(self, session_id: UUID) -> None:
        """Bring `sessions.code` up to date, and the snapshot when enough updates have come since."""
        async with self._database.session() as session:
            row = await SessionRepository(session).get(session_id)
        if row is None:
            return
        reader = await self._caught_up_reader(session_id)
        code = storable(reader.document.text(row.text_name))
        async with self._database.transaction() as session:
            await SessionRepository(session).save_code(session_id, row.text_name, code, reader.seq)
        if row.status == "ended" or self._uncompacted[session_id] >= COMPACT_AFTER:
            del self._uncompacted[session_id]
            await self.compact(session_id)

    async def compact(self, session_id: UUID) -> None:
        """Merge the snapshot and the updates since, when they are many; in a worker thread, from the raw bytes."""
        while await self._compact_once(session_id):
            pass

    async def _compact_once(self, session_id: UUID) -> bool:
        """Merge the next updates; False when there are too few."""
        async with self._database.session() as session:
            repository = LogRepository(session)
            snapshot = await repository.snapshot(session_id)
            raw = await repository.updates_after(session_id, snapshot.seq if snapshot else 0, COMPACT_AFTER)
        if len(raw) < COMPACT_AFTER:
            return False
        pieces = ([snapshot.data] if snapshot else []) + [update for _, update in raw]
        merged = await asyncio.to_thread(compact_updates, pieces)
        async with self._database.transaction() as session:
            await LogRepository(session).save_snapshot(session_id, raw[-1][0], merged, datetime.now(UTC))
        return True

    async def run(self) -> None:
        """Save what has changed, for ever."""
        while True:
            await asyncio.sleep(SAVE_INTERVAL)
            changed, self._changed = self._changed, set()
            for session_id in changed:
                try:
                    await self.save_code(session_id)
                except Exception:
                    self._changed.add(session_id)
                    logger.exception("document.save_failed", session_id=str(session_id))
                await asyncio.sleep(SAVE_PAUSE)

    def note_changes(self, events: Sequence[StreamEvent]) -> None:
        """The readable text of these events' sessions has to be saved again."""
        self._changed.update(event.session_id for event in events)

    async def _committed(self, events: Sequence[LogEvent]) -> None:
        self.note_changes(events)
        self._uncompacted.update(event.session_id for event in events)
        await self._rooms.publish(events)

    async def _caught_up_reader(self, session_id: UUID) -> _Reader:
        reader = self._readers.get(session_id)
        async with self._database.session() as session:
            repository = LogRepository(session)
            if reader is None:
                snapshot = await repository.snapshot(session_id)
                reader = _Reader(DocumentReader([snapshot.data] if snapshot else []), snapshot.seq if snapshot else 0)
            async for seq, update in _all_updates(repository, session_id, reader.seq, None):
                # Another task may have read on meanwhile; an update applied twice changes nothing.
                reader.document.apply(update)
                reader.seq = max(reader.seq, seq)
        self._readers[session_id] = reader
        self._readers.move_to_end(session_id)
        if len(self._readers) > MAX_READERS:
            self._readers.popitem(last=False)
        return reader


async def _all_updates(repository: LogRepository, session_id: UUID, seq: int, until: int | None):  # type: ignore[no-untyped-def]
    while True:
        batch = await repository.updates_after(session_id, seq, READ_BATCH, until)
        for item in batch:
            yield item
        if len(batch) < READ_BATCH:
            return
        seq = batch[-1][0]
