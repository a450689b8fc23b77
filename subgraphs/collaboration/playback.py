"""Replay a session's log into what a reader sees: for every number the edits of the text, beside chat, runs and the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pycrdt

from ..kit.events import JsonObject
from .document_text import CausalOrder, DocumentReader, apply_safely
from .log_events import EventKind, LogEvent
from .text_positions import Unit, length_in

EMBEDDED = "\x1a"  # shown for what is no text but lies in one: one unit long, by any count


@dataclass(frozen=True, slots=True)
class Edit:
    """At `position` (UTF-16 units, as browsers count), `deleted` units go and `inserted` comes."""

    position: int
    deleted: int
    inserted: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One number of the log as a reader sees it."""

    seq: int
    at: datetime
    kind: EventKind
    user_id: UUID | None
    text_name: str | None = None
    edits: tuple[Edit, ...] = ()
    data: JsonObject = field(default_factory=dict)


class _WatchedText:
    """One text of the document, with the edits of the update that is being applied."""

    def __init__(self, name: str, text: pycrdt.Text) -> None:
        self.name = name
        self.edits: list[Edit] = []
        self._bytes = b""
        self._subscription = text.observe(self._changed)

    def take(self) -> tuple[Edit, ...]:
        edits, self.edits = tuple(self.edits), []
        return edits

    def _changed(self, event: Any) -> None:
        # pycrdt counts in UTF-8 bytes.
        at = 0
        for step in event.delta:
            if "retain" in step:
                at += step["retain"]
            elif "delete" in step:
                gone = self._bytes[at : at + step["delete"]]
                self._bytes = self._bytes[:at] + self._bytes[at + len(gone) :]
                self._note(at, deleted=length_in(gone.decode(errors="replace"), Unit.UTF16), inserted="")
            else:
                inserted = step["insert"] if isinstance(step["insert"], str) else EMBEDDED
                encoded = inserted.encode()
                self._note(at, deleted=0, inserted=inserted)
                self._bytes = self._bytes[:at] + encoded + self._bytes[at:]
                at += len(encoded)

    def _note(self, at: int, *, deleted: int, inserted: str) -> None:
        before = self._bytes[:at].decode(errors="replace")
        self.edits.append(Edit(length_in(before, Unit.UTF16), deleted, inserted))


def replay(events: Iterable[LogEvent], text_names: Iterable[str]) -> list[HistoryEntry]:
    """The history of a session. Runs entirely in the thread that calls it; a long log takes some seconds."""
    document: Any = pycrdt.Doc()
    order = CausalOrder()
    texts = [_WatchedText(name, document.get(name, type=pycrdt.Text)) for name in text_names]
    entries = []
    for event in events:
        if event.update is None:
            entries.append(HistoryEntry(event.seq, event.at, event.kind, event.user_id, data=event.data))
            continue
        for update in order.take(event.update):
            apply_safely(document, update)
        changed: list[tuple[str | None, tuple[Edit, ...]]] = [(text.name, text.take()) for text in texts if text.edits]
        for name, edits in changed or [(None, ())]:
            entries.append(HistoryEntry(event.seq, event.at, event.kind, event.user_id, name, edits))
    return entries


def text_at(events: Iterable[LogEvent], text_name: str) -> str:
    """The content of a text after these events."""
    return DocumentReader(event.update for event in events if event.update is not None).text(text_name)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """What a reader does with the edits of one entry."""
    units = text.encode("utf-16-le", "surrogatepass")
    for edit in edits:
        inserted = edit.inserted.encode("utf-16-le", "surrogatepass")
        units = units[: edit.position * 2] + inserted + units[(edit.position + edit.deleted) * 2 :]
    return units.decode("utf-16-le", "surrogatepass")
