"""How data exports look to GraphQL: how far each part has come, and its document."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry
from strawberry.scalars import JSON

from . import models
from .context import Info
from .export_service import ExportState


@strawberry.type(description="What one subgraph knows of the person.")
class DataExportPart:
    subgraph: str = strawberry.field(description="Which.")
    items: int = strawberry.field(description="How many items the document has.")
    sha256: str = strawberry.field(
        description="Of the document as JSON with sorted keys and without spaces: the proof of what was handed out."
    )
    collected_at: datetime = strawberry.field(description="When the subgraph was asked.")
    part: strawberry.Private[models.DataExportPart]

    @strawberry.field(description="Everything, as {section: [item, ...]}. It may be large.")
    async def document(self, info: Info) -> JSON:
        return JSON(await info.context.services.exports.document_of(self.part.export_id, self.part.subgraph))

    @classmethod
    def from_model(cls, part: models.DataExportPart) -> Self:
        return cls(
            subgraph=part.subgraph, items=part.items, sha256=part.sha256, collected_at=part.collected_at, part=part
        )


@strawberry.type(description="All that the system knows of a person, collected from every subgraph.")
class DataExport:
    id: strawberry.ID = strawberry.field(description="Ask for dataExport with it.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    completed_at: datetime | None = strawberry.field(description="When the last part came in; null while it is made.")
    expires_at: datetime = strawberry.field(description="When it is deleted.")
    is_ready: bool = strawberry.field(description="True when all parts are there.")
    parts: list[DataExportPart] = strawberry.field(description="The parts that are there.")
    missing: list[str] = strawberry.field(description="The subgraphs whose part is awaited.")

    @classmethod
    def from_state(cls, state: ExportState) -> Self:
        return cls(
            id=strawberry.ID(str(state.export.id)),
            requested_at=state.export.requested_at,
            completed_at=state.export.completed_at,
            expires_at=state.export.expires_at,
            is_ready=state.export.completed_at is not None,
            parts=[DataExportPart.from_model(part) for part in state.parts],
            missing=list(state.missing),
        )
