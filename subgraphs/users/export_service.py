"""Give people what this subgraph knows of them, as one JSON document (GDPR, article 20). Their matches and sessions are in the graph."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..kit.auth import Viewer
from ..kit.database import Database
from ..kit.events import JsonObject
from ..kit.models import Model
from ..kit.pagination import MAX_PAGE_SIZE, PageRequest
from .accounts import Accounts
from .rating_repository import RatingRepository
from .repository import AuditRepository
from .session_repository import AuthSessionRepository

SECRETS = frozenset({"password_hash"})
MAX_POINTS = 10_000  # of the rating chart


@dataclass(frozen=True, slots=True)
class ExportService:
    """Reads everything in one transaction, so that it fits together."""

    database: Database
    accounts: Accounts

    async def export(self, viewer: Viewer, now: datetime) -> JsonObject:
        """The document. Raises NotAuthenticated."""
        async with self.database.transaction() as session:
            user = await self.accounts.require(session, viewer)
            ratings = RatingRepository(session)
            return {
                "exportedAt": now.isoformat(),
                "account": _document(user),
                "authSessions": [_document(one) for one in await AuthSessionRepository(session).list_all(user.id)],
                "ratings": [_document(one) for one in await ratings.list_of([user.id])],
                "ratingChanges": [_document(one) for one in await ratings.list_changes(user.id, MAX_POINTS)],
                "auditEntries": [
                    _document(one)
                    for one in (await AuditRepository(session).page(user.id, PageRequest(MAX_PAGE_SIZE))).items
                ],
            }


def _document(row: Model) -> JsonObject:
    """A row as JSON, without secrets."""
    columns = [column.key for column in row.__table__.columns if column.key not in SECRETS]
    return {_camel(name): _plain(getattr(row, name)) for name in columns}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, list, dict)) or value is None else str(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
