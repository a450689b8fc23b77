"""How the history of a session looks to GraphQL."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from .history_service import Version
from .playback import HistoryEntry as HistoryEntryValue
from .types import Language


@strawberry.type(description="A change of a text, in UTF-16 units, as browsers count.")
class HistoryEdit:
    position: int = strawberry.field(description="Where.")
    deleted: int = strawberry.field(description="How many units go.")
    inserted: str = strawberry.field(description="What comes.")


@strawberry.type(description="One number of the log, for playing the session back.")
class HistoryEntry:
    seq: int = strawberry.field(description="Its number.")
    at: datetime = strawberry.field(description="When it happened.")
    kind: str = strawberry.field(description="update, message_posted, run_finished, text_changed ...")
    user_id: strawberry.ID | None = strawberry.field(description="Who; null for the server and for deleted accounts.")
    text_name: str | None = strawberry.field(description="The text that was edited.")
    edits: list[HistoryEdit] = strawberry.field(description="What was edited, one after the other.")
    message_id: strawberry.ID | None = strawberry.field(description="The chat message it is about.")
    run_id: strawberry.ID | None = strawberry.field(description="The run it is about.")

    @classmethod
    def from_value(cls, value: HistoryEntryValue) -> HistoryEntry:
        message_id, run_id = value.data.get("message_id"), value.data.get("run_id")
        return cls(
            seq=value.seq,
            at=value.at,
            kind=value.kind.value,
            user_id=strawberry.ID(str(value.user_id)) if value.user_id else None,
            text_name=value.text_name,
            edits=[HistoryEdit(position=e.position, deleted=e.deleted, inserted=e.inserted) for e in value.edits],
            message_id=strawberry.ID(message_id) if message_id else None,
            run_id=strawberry.ID(run_id) if run_id else None,
        )


@strawberry.type(description="The code as it was at a number of the log.")
class SessionVersion:
    seq: int = strawberry.field(description="The number.")
    text_name: str = strawberry.field(description="The text that was shown.")
    language: Language = strawberry.field(description="Its language.")
    code: str = strawberry.field(description="What it said.")

    @classmethod
    def from_value(cls, value: Version, seq: int) -> SessionVersion:
        return cls(seq=seq, text_name=value.text_name, language=Language[value.language.name], code=value.text)


@strawberry.enum(description="What an export is written in.")
class ExportFormat(Enum):
    JSON = "json"
    HTML = "html"


@strawberry.type(description="A whole session in one file.")
class SessionExport:
    filename: str = strawberry.field(description="A name for the file.")
    content_type: str = strawberry.field(description="Its media type.")
    content: str = strawberry.field(description="The file.")
