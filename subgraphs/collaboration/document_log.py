"""Append the clients' raw updates to the logs of their sessions, many sessions in one commit; acknowledge after the commit.

While one commit is on its way to the disk, the updates that arrive wait together for the next one (group commit). So there is no
timer, no delay for a lone keystroke, and no moment at which an acknowledged update could be lost.

What this process wrote last it knows (known_logs): the next keystroke is one statement, a transaction of its own. Where somebody else
has written meanwhile, or something is not known, the head is locked, everything is asked, and then it is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ..kit.database import Database
from ..kit.driver_session import DRIVER_ERRORS, HeldConnection, driver_transaction
from ..kit.errors import DomainError, Unavailable
from .errors import EpochChanged, InvalidUpdate, SessionClosed, SessionNotFound
from .known_logs import Asked, KnownLogs
from .log_events import LogEvent
from .log_repository import Facts, Head, LogStatements, StoredUpdate
from .rules import check_document_size, require_writer

logger = structlog.get_logger(__name__)

MAX_GROUP = 500  # pushes in one commit
MAX_WAITING = 5000  # pushes waiting in this process; beyond it the database is too slow and clients must hold back
UNSTORABLE = (asyncpg.DataError, ValueError)  # what the server refuses of a value, and what the driver cannot even send
UPDATES = Counter("tandem_document_updates_total", "Document updates committed")
UNACKNOWLEDGED = Counter("tandem_document_unacknowledged_total", "Pushes of updates that could not be stored in time")
GROUP_SIZE = Histogram("tandem_document_group_size", "Pushes per commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500))
COMMIT_SECONDS = Histogram(
    "tandem_document_commit_seconds",
    "Time of one group commit",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)


@dataclass(frozen=True, slots=True)
class Push:
    """Updates of one client, to be appended together. `client_id` and `client_seq` make a push that is sent twice count once."""

    session_id: UUID
    user_id: UUID | None
    """None for the server's own updates (starter code), which need no seat."""
    updates: tuple[bytes, ...]
    writers: frozenset[int]
    """The Yjs clients that the updates were written by."""
    epoch: UUID | None = None
    client_id: str | None = None
    client_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The updates are on disk; the last of them has the number `seq`."""

    seq: int
    is_duplicate: bool = False


@dataclass(slots=True)
class _Waiting:
    push: Push
    done: asyncio.Future[Acknowledged]


@dataclass(slots=True)
class _Group:
    """What one commit decided: what to write, and what to answer to whom."""

    stored: list[StoredUpdate] = field(default_factory=list)
    owners: dict[tuple[UUID, int], UUID | None] = field(default_factory=dict)
    sent: dict[tuple[UUID, str, int], int] = field(default_factory=dict)
    answers: list[tuple[_Waiting, Acknowledged | DomainError]] = field(default_factory=list)


class DocumentLog:
    """One per process. `on_commit` gets the events of each commit, in order, before the pushes are acknowledged."""

    def __init__(self, database: Database, on_commit: Callable[[Sequence[LogEvent]], Awaitable[None]]) -> None:
        self._database = database
        self._on_commit = on_commit
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(MAX_WAITING)
        self._known = KnownLogs()
        self._connection = HeldConnection(database)

    async def append(self, push: Push) -> Acknowledged:
        """Return when the updates are committed. Raises the errors of `_decide`, and Unavailable when the database is away."""
        waiting = _Waiting(push, asyncio.get_running_loop().create_future())
        try:
            self._waiting.put_nowait(waiting)
        except asyncio.QueueFull as error:
            UNACKNOWLEDGED.inc()
            raise Unavailable(
                "Too many updates wait to be stored; keep yours and send it again in a moment."
            ) from error
        return await waiting.done

    async def run(self) -> None:
        """Commit what waits, for ever."""
        try:
            while True:
                await self._commit_next()
        finally:
            await self._connection.aclose()

    async def _commit_next(self) -> None:
        group = [await self._waiting.get()]
        while len(group) < MAX_GROUP and not self._waiting.empty():
            group.append(self._waiting.get_nowait())
        await self._try_to_commit(group)

    async def _try_to_commit(self, group: list[_Waiting]) -> None:
        """Commit and answer; one push that cannot be stored takes none of the others with it."""
        try:
            await self._commit(group)
        except UNSTORABLE as error:
            logger.warning("document_log.unstorable", error=str(error), pushes=len(group))
            if len(group) == 1:
                _fail(group, InvalidUpdate("The push holds a value that cannot be stored."))
                return
            for waiting in group:
                await self._try_to_commit([waiting])
        except (DBAPIError, PoolTimeoutError, *DRIVER_ERRORS) as error:
            logger.warning("document_log.commit_failed", error=str(error), pushes=len(group))
            _fail(group, Unavailable("The update could not be stored; keep it and send it again in a moment."))
        except BaseException:
            _fail(group, Unavailable("The update could not be stored; keep it and send it again in a moment."))
            raise

    async def _commit(self, group: list[_Waiting]) -> None:
        # A caller that has gone away took its push with it.
        group = [waiting for waiting in group if not waiting.done.done()]
        GROUP_SIZE.observe(len(group))
        with COMMIT_SECONDS.time():
            asked = {waiting.push.session_id for waiting in group if not self._known.covers(_asked(waiting.push))}
            known = [waiting for waiting in group if waiting.push.session_id not in asked]
            rest = [waiting for waiting in group if waiting.push.session_id in asked]
            if known:
                rest += await self._commit_known(known)
            if rest:
                await self._commit_locked(rest)

    async def _commit_known(self, group: list[_Waiting]) -> list[_Waiting]:
        """Commit pushes to logs that this process knows, in one statement.

        Returns the pushes that are to be decided on locked facts: to logs that had moved, and those that would be refused.
        """
        ids = {waiting.push.session_id for waiting in group}
        heads = self._known.heads(ids)
        before = {id: head.seq for id, head in heads.items()}
        decided = _decide_all(group, heads, self._known.facts(ids), datetime.now(UTC))
        to_write = {item.session_id for item in decided.stored}
        written: set[UUID] = set()
        if to_write:
            try:
                written = await self._write_known(before, [heads[id] for id in to_write], decided.stored)
            except BaseException:
                # Whether it was committed is not known here.
                self._known.forget(ids)
                raise
            self._known.forget(to_write - written)
            stored = [item for item in decided.stored if item.session_id in written]
            self._known.wrote([heads[id] for id in written], stored)
            await self._tell(stored)
        is_answered = [
            isinstance(answer, Acknowledged) and waiting.push.session_id in written
            for waiting, answer in decided.answers
        ]
        _answer(answer for answer, is_done in zip(decided.answers, is_answered, strict=True) if is_done)
        return [waiting for (waiting, _), is_done in zip(decided.answers, is_answered, strict=True) if not is_done]

    async def _write_known(
        self, before: dict[UUID, int], heads: Sequence[Head], stored: Sequence[StoredUpdate]
    ) -> set[UUID]:
        async with self._connection.statement() as session:
            return await LogStatements(session).write_if_unmoved(before, heads, stored)

    async def _commit_locked(self, group: list[_Waiting]) -> None:
        """Commit pushes after the heads of their logs were locked and everything about them was asked."""
        pushes = [waiting.push for waiting in group]
        async with driver_transaction(self._database) as session:
            repository = LogStatements(session)
            heads = await repository.lock(push.session_id for push in pushes)
            found = {id: head.seq for id, head in heads.items()}
            facts = await repository.facts(*_questions_of(pushes))
            decided = _decide_all(group, heads, facts, datetime.now(UTC))
            if decided.stored:
                moved = {item.session_id for item in decided.stored}
                await repository.write_updates([heads[id] for id in moved], decided.stored, decided.owners)
        facts = replace(facts, owners={**facts.owners, **decided.owners})
        self._known.learn(found, heads.values(), facts, decided.stored)
        await self._tell(decided.stored)
        _answer(decided.answers)

    async def _tell(self, stored: Sequence[StoredUpdate]) -> None:
        UPDATES.inc(len(stored))
        await self._on_commit([item.to_event() for item in stored])


def _answer(answers: Iterable[tuple[_Waiting, Acknowledged | DomainError]]) -> None:
    for waiting, answer in answers:
        if waiting.done.done():
            continue
        if isinstance(answer, Acknowledged):
            waiting.done.set_result(answer)
        else:
            waiting.done.set_exception(answer)


def _asked(push: Push) -> Asked:
    return Asked(push.session_id, push.user_id, push.writers, push.client_id, push.client_seq)


def _questions_of(
    pushes: Sequence[Push],
) -> tuple[list[tuple[UUID, UUID]], list[tuple[UUID, int]], list[tuple[UUID, str, int]]]:
    users = [(push.session_id, push.user_id) for push in pushes if push.user_id is not None]
    clients = [(push.session_id, client) for push in pushes for client in push.writers]
    sent = [
        (push.session_id, push.client_id, push.client_seq)
        for push in pushes
        if push.client_id is not None and push.client_seq is not None
    ]
    return users, clients, sent


def _decide_all(group: Sequence[_Waiting], heads: dict[UUID, Head], facts: Facts, at: datetime) -> _Group:
    decided = _Group()
    for waiting in group:
        try:
            answer: Acknowledged | DomainError = _decide(waiting.push, heads, facts, decided, at)
        except DomainError as error:
            answer = error
        decided.answers.append((waiting, answer))
    return decided


def _decide(push: Push, heads: dict[UUID, Head], facts: Facts, decided: _Group, at: datetime) -> Acknowledged:
    """Give the updates of one push their numbers.

    Raises SessionNotFound, ReadOnly, EpochChanged, SessionClosed, InvalidUpdate or UpdateTooLarge, and leaves all as it was.
    """
    head = heads.get(push.session_id)
    if head is None:
        raise SessionNotFound(push.session_id)
    if push.user_id is not None:
        role = facts.roles.get((push.session_id, push.user_id))
        if role is None:
            raise SessionNotFound(push.session_id)
        require_writer(role)
    if push.epoch is not None and push.epoch != head.epoch:
        raise EpochChanged(head.epoch)
    sent = (push.session_id, push.client_id, push.client_seq)
    if push.client_id is not None and push.client_seq is not None:
        known = facts.sent.get(sent) or decided.sent.get(sent)  # type: ignore[arg-type]
        if known is not None:
            return Acknowledged(known, is_duplicate=True)
    if head.is_closed:
        raise SessionClosed
    for client in push.writers:
        owner = facts.owners.get((push.session_id, client), decided.owners.get((push.session_id, client), push.user_id))
        if owner != push.user_id:
            raise InvalidUpdate(f"The update is written as client {client}, which is not yours.", field="input.updates")
    check_document_size(head.document_bytes, sum(map(len, push.updates)))

    for client in push.writers:
        if (push.session_id, client) not in facts.owners:
            decided.owners[push.session_id, client] = push.user_id
    for update in push.updates:
        head.seq += 1
        head.document_bytes += len(update)
        decided.stored.append(
            StoredUpdate(push.session_id, head.seq, push.user_id, update, push.client_id, push.client_seq, at)
        )
    if push.client_id is not None and push.client_seq is not None:
        decided.sent[push.session_id, push.client_id, push.client_seq] = head.seq
    return Acknowledged(head.seq)


def _fail(group: Sequence[_Waiting], error: DomainError) -> None:
    for waiting in group:
        if not waiting.done.done():
            UNACKNOWLEDGED.inc()
            waiting.done.set_exception(error)
