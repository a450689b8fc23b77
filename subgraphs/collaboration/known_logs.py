"""What this process knows of the logs it wrote last: enough to write the next keystroke in one statement, without asking first.

What is known is known as of a head number. The statement that writes says which number it builds on (`LogStatements.write_if_unmoved`),
and writes nothing for a log that has moved or was closed since: then the push is decided anew on locked facts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from .log_repository import NEVER, Facts, Head, StoredUpdate
from .rules import Role

MAX_LOGS = 2000  # logs remembered, the least recently written forgotten first
MAX_CLIENTS = 200  # Yjs clients and providers of one log; who opens more pages than that is asked for again


@dataclass(slots=True)
class KnownLog:
    """One log as of the number `head.seq`."""

    head: Head
    roles: dict[UUID, Role] = field(default_factory=dict)
    owners: dict[int, UUID | None] = field(default_factory=dict)
    last_pushes: dict[str, int] = field(default_factory=dict)
    """By provider, the highest number of its pushes that are stored."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What must be known of a push to decide on it."""

    session_id: UUID
    user_id: UUID | None
    writers: frozenset[int]
    client_id: str | None
    client_seq: int | None


class KnownLogs:
    """One per process; only the task that commits uses it."""

    def __init__(self) -> None:
        self._logs: OrderedDict[UUID, KnownLog] = OrderedDict()

    def covers(self, asked: Asked) -> bool:
        """Whether the push can be decided on what is known."""
        log = self._logs.get(asked.session_id)
        if log is None or asked.user_id is None or asked.user_id not in log.roles:
            return False
        if not asked.writers <= log.owners.keys():
            return False
        if asked.client_id is None or asked.client_seq is None:
            return True
        # A push with a higher number than any stored one was not stored before; others have to be looked up.
        return asked.client_id in log.last_pushes and asked.client_seq > log.last_pushes[asked.client_id]

    def heads(self, session_ids: Iterable[UUID]) -> dict[UUID, Head]:
        """Copies of the heads: they move while a batch is decided, and what is known moves only when it is written."""
        return {
            id: Head(id, log.head.epoch, log.head.seq, log.head.document_bytes, log.head.is_closed)
            for id in set(session_ids)
            if (log := self._logs.get(id)) is not None
        }

    def facts(self, session_ids: Iterable[UUID]) -> Facts:
        ids = [id for id in set(session_ids) if id in self._logs]
        return Facts(
            roles={(id, user): role for id in ids for user, role in self._logs[id].roles.items()},
            owners={(id, client): owner for id in ids for client, owner in self._logs[id].owners.items()},
        )

    def learn(
        self, found: Mapping[UUID, int], heads: Iterable[Head], facts: Facts, stored: Sequence[StoredUpdate]
    ) -> None:
        """Remember logs that were found at numbers `found` and are at `heads` now, with what was asked and written meanwhile."""
        for head in heads:
            log = self._logs.setdefault(head.session_id, KnownLog(head))
            if log.head.seq != found[head.session_id]:
                # Somebody else has written: pushes of any provider may be among it. Roles and owners stay what they are.
                log.last_pushes.clear()
            log.head = head
            self._logs.move_to_end(head.session_id)
        self._learn_facts(facts)
        for update in stored:
            if update.client_id is not None and update.client_seq is not None:
                pushes = self._logs[update.session_id].last_pushes
                pushes[update.client_id] = max(pushes.get(update.client_id, NEVER), update.client_seq)
        self.forget([id for id in found if self._is_too_large(id)])
        while len(self._logs) > MAX_LOGS:
            self._logs.popitem(last=False)

    def wrote(self, heads: Iterable[Head], stored: Sequence[StoredUpdate]) -> None:
        """Remember what was written on top of what was known."""
        for head in heads:
            self._logs[head.session_id].head = head
            self._logs.move_to_end(head.session_id)
        for update in stored:
            if update.client_id is not None and update.client_seq is not None:
                pushes = self._logs[update.session_id].last_pushes
                pushes[update.client_id] = max(pushes[update.client_id], update.client_seq)

    def forget(self, session_ids: Iterable[UUID]) -> None:
        for session_id in session_ids:
            self._logs.pop(session_id, None)

    def _learn_facts(self, facts: Facts) -> None:
        for (session_id, user_id), role in facts.roles.items():
            if session_id in self._logs:
                self._logs[session_id].roles[user_id] = role
        for (session_id, client), owner in facts.owners.items():
            if session_id in self._logs:
                self._logs[session_id].owners[client] = owner
        for (session_id, provider), number in facts.last_pushes.items():
            if session_id in self._logs:
                self._logs[session_id].last_pushes[provider] = number

    def _is_too_large(self, session_id: UUID) -> bool:
        log = self._logs.get(session_id)
        return log is not None and max(len(log.owners), len(log.last_pushes)) > MAX_CLIENTS
