"""Hand over all that a subgraph knows of one person, page by page, to the users subgraph, which puts the export together."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import strawberry
from pydantic.alias_generators import to_camel
from sqlalchemy import text
from strawberry.scalars import JSON

from .auth import Viewer
from .database import Database
from .errors import InvalidInput
from .events import JsonObject

PAGE_SIZE = 50  # items; the largest of them, a run with its source and results, has some 100 kB


@dataclass(frozen=True, slots=True)
class PersonalPage:
    """Some items of one section; `next` asks for what follows, None when this was all."""

    section: str
    items: tuple[JsonObject, ...]
    next: str | None


@strawberry.federation.type(
    inaccessible=True, shareable=True, description="A part of what is known of a person; for services only."
)
class PersonalDataPage:
    section: str = strawberry.field(description="What kind of items these are.")
    items: JSON = strawberry.field(description="The items, as a list of objects.")
    next: str | None = strawberry.field(description="The cursor of the next page; null when this was the last one.")

    @classmethod
    def from_page(cls, page: PersonalPage) -> Self:
        return cls(section=page.section, items=JSON(list(page.items)), next=page.next)


class PersonalData:
    """The sections of one subgraph, in order, each a SELECT of `key` (text, unique, in byte order) and `item` (jsonb).

    A statement takes `:user_id`, `:after` (the last key so far, "" at first) and `:limit`, and is ordered by its key.
    """

    def __init__(self, database: Database, sections: Mapping[str, str]) -> None:
        self._database = database
        self._sections = {name: text(statement) for name, statement in sections.items()}

    async def page_for(self, viewer: Viewer, user_id: UUID, cursor: str | None) -> PersonalPage:
        """One page for another service. Raises NotAllowed for people, InvalidInput for a cursor that is none."""
        viewer.require_service()
        return await self.page(user_id, cursor)

    async def page(self, user_id: UUID, cursor: str | None) -> PersonalPage:
        """The page that the cursor names; the first one without."""
        names = list(self._sections)
        section, after = _position(cursor) if cursor else (names[0], "")
        if section not in self._sections:
            raise InvalidInput("cursor is none that this service gave; begin without one.", field="cursor")
        values = {"user_id": user_id, "after": after, "limit": PAGE_SIZE}
        async with self._database.session() as session:
            rows = (await session.execute(self._sections[section], values)).all()
        items = tuple(_camel_keys(row.item) for row in rows)
        if len(rows) == PAGE_SIZE:
            return PersonalPage(section, items, _cursor(section, rows[-1].key))
        following = names[names.index(section) + 1 :]
        return PersonalPage(section, items, _cursor(following[0], "") if following else None)


def _camel_keys(item: Mapping[str, Any]) -> JsonObject:
    return {to_camel(name): value for name, value in item.items()}


def _cursor(section: str, key: str) -> str:
    return base64.urlsafe_b64encode(f"{section}\n{key}".encode()).decode()


def _position(cursor: str) -> tuple[str, str]:
    try:
        section, _, key = base64.urlsafe_b64decode(cursor).decode().partition("\n")
    except (ValueError, binascii.Error):
        return "", ""
    return section, key
