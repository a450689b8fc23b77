"""How tickets, matches, invitations and the queue look to GraphQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from ..kit.connections import Connection
from ..kit.errors import InvalidInput, NotAllowed
from ..kit.pagination import PageRequest
from . import models
from .context import Context, Info
from .loaders import match_loader, newest_matches_loader
from .match_repository import history_criteria
from .models import InvitationStatus, MatchStatus, TicketStatus
from .rules import Difficulty, Language, Role, SkillLevel
from .streams import Cursor

MAX_MATCHES = 100  # in the plain list; matchHistory pages through all
STAFF_ROLES = ("moderator", "admin")

strawberry.enum(Language, description="A language that solutions can be written in.")
strawberry.enum(Difficulty, description="How hard a question is.")
strawberry.enum(SkillLevel, description="How a rating is shown to people.")
strawberry.enum(
    Role,
    name="MatchRole",
    description="The side of the interview a person wants; two of the same side do not meet.",
)
strawberry.enum(TicketStatus, description="PENDING and PROPOSED tickets are live; a person has at most one.")
strawberry.enum(
    MatchStatus,
    description="PROPOSED (ready check), FORMING (choosing a question), OPENING (making the session), ACTIVE, then COMPLETED or CANCELLED.",
)
strawberry.enum(InvitationStatus, name="MatchInvitationStatus", description="Only an OPEN invitation can be accepted.")


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Question:
    id: strawberry.ID


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Session:
    id: strawberry.ID


@strawberry.type(description="A place in your stream of match events: everything up to `seq` of this `epoch` is known.")
class MatchEventCursor:
    epoch: str = strawberry.field(description="Which numbering `seq` belongs to.")
    seq: int = strawberry.field(description="The number of the last event known.")

    @classmethod
    def from_cursor(cls, cursor: Cursor) -> MatchEventCursor:
        return cls(epoch=cursor.epoch, seq=cursor.seq)


@strawberry.federation.type(keys=["id"], description="Two people who practise together.")
class Match:
    id: strawberry.ID = strawberry.field(description="A UUID.")
    status: MatchStatus = strawberry.field(description="How far it has come.")
    language: Language = strawberry.field(description="The language both asked for.")
    difficulty: Difficulty = strawberry.field(description="The easier one of both wishes.")
    topics: list[str] = strawberry.field(description="What both chose, or what either did; empty for any.")
    created_at: datetime = strawberry.field(description="When the two were paired.")
    ended_at: datetime | None = strawberry.field(description="Null while the match is open.")
    end_reason: str | None = strawberry.field(description="Why it ended; a code.")
    respond_by: datetime | None = strawberry.field(description="Until when a proposal waits for both answers.")
    partner: User | None = strawberry.field(description="The other one; null when the account was erased.")
    interviewer: User | None = strawberry.field(description="Who interviews; null when the two are equals.")
    question: Question | None = strawberry.field(description="Null until it is chosen.")
    session: Session | None = strawberry.field(description="Null until it is there.")

    @classmethod
    def from_model(cls, match: models.Match, perspective: UUID) -> Match:
        """The match as `perspective`, one of its two people, sees it."""
        return cls(
            id=strawberry.ID(str(match.id)),
            status=MatchStatus(match.status),
            language=Language(match.language),
            difficulty=Difficulty(match.difficulty),
            topics=list(match.topics),
            created_at=match.created_at,
            ended_at=match.ended_at,
            end_reason=match.end_reason,
            respond_by=match.respond_by,
            partner=User.of(match.partner_of(perspective)),
            interviewer=User.of(match.interviewer_id),
            question=Question(id=strawberry.ID(str(match.question_id))) if match.question_id else None,
            session=Session(id=strawberry.ID(str(match.session_id))) if match.session_id else None,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Match | None:
        """Null for whoever may not know that the match exists."""
        match = await match_loader(info.context).load(uuid_from(id, "id"))
        return visible_match(info.context, match)


@strawberry.federation.input(description="Which of one's matches to list; an empty criterion means any.")
class MatchHistoryFilter:
    statuses: list[MatchStatus] = strawberry.field(default_factory=list, description="In one of these.")
    languages: list[Language] = strawberry.field(default_factory=list, description="In one of these.")
    difficulties: list[Difficulty] = strawberry.field(default_factory=list, description="Of one of these.")
    partner_id: strawberry.ID | None = strawberry.field(default=None, description="With this person.")
    since: datetime | None = strawberry.field(default=None, description="Paired at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Paired before this time.")

    def to_criteria(self) -> list[Any]:
        return history_criteria(
            statuses=[status.value for status in self.statuses],
            languages=[language.value for language in self.languages],
            difficulties=[difficulty.value for difficulty in self.difficulties],
            partner_id=uuid_from(self.partner_id, "filter.partnerId") if self.partner_id else None,
            since=_time_from(self.since, "filter.since"),
            until=_time_from(self.until, "filter.until"),
        )


@strawberry.federation.type(keys=["id"])
class User:
    id: strawberry.ID

    @strawberry.field(description="The newest matches that came about, for the person and for administrators only.")
    async def matches(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description=f"How many, 1 to {MAX_MATCHES}.")] = 20,
    ) -> list[Match]:
        user_id = own_id(info.context, self.id)
        if not 1 <= first <= MAX_MATCHES:
            raise InvalidInput(f"first is {first}; it must be from 1 to {MAX_MATCHES}.", field="first")
        found = await newest_matches_loader(info.context, first).load(user_id)
        return [Match.from_model(match, user_id) for match in found]

    @strawberry.field(description="All matches, newest first, for the person and for administrators only.")
    async def match_history(
        self, info: Info, filter: MatchHistoryFilter | None = None, first: int = 20, after: str | None = None
    ) -> Connection[Match]:
        user_id = own_id(info.context, self.id)
        matching = info.context.services.matching
        criteria = filter.to_criteria() if filter is not None else []
        page = await matching.history(user_id, PageRequest(first, after), criteria)
        return Connection[Match].from_page(
            page, lambda match: Match.from_model(match, user_id), lambda: matching.history_size(user_id, criteria)
        )

    @classmethod
    def of(cls, user_id: UUID | None) -> User | None:
        return cls(id=strawberry.ID(str(user_id))) if user_id is not None else None

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> User:
        return cls(id=id)


@strawberry.type(description="A waiting match request.")
class MatchTicket:
    id: strawberry.ID = strawberry.field(description="A UUID.")
    status: TicketStatus = strawberry.field(description="Whether it is live, and how it ended.")
    language: Language = strawberry.field(description="Nobody is matched across languages.")
    difficulty: Difficulty = strawberry.field(description="What was asked for; an adjacent one comes later.")
    topics: list[str] = strawberry.field(description="Empty for any.")
    role: Role = strawberry.field(description="Your side of the interview.")
    min_level: SkillLevel = strawberry.field(description="The lowest level the partner may have.")
    max_level: SkillLevel = strawberry.field(description="The highest level the partner may have.")
    avoid_recent_partners: bool = strawberry.field(description="True: nobody you met in the last days.")
    skill_level: SkillLevel = strawberry.field(description="Your level, as the users service knows it.")
    is_skill_known: bool = strawberry.field(description="False: it did not answer, and an older level is used.")
    created_at: datetime = strawberry.field(
        description="The place in line: kept through disconnects and failed matches."
    )
    expires_at: datetime = strawberry.field(description="When waiting ends; see `extendTicket`.")
    row: strawberry.Private[models.MatchRequest]

    @strawberry.field(description="Pass it to `matchEvents(after:)` to get all events of this ticket.")
    async def cursor(self, info: Info) -> MatchEventCursor:
        return MatchEventCursor.from_cursor(await info.context.services.matching.start_of(self.row))

    @strawberry.field(description="The match this ticket led to, if it did.")
    async def match(self, info: Info) -> Match | None:
        if self.row.match_id is None:
            return None
        match = await match_loader(info.context).load(self.row.match_id)
        return Match.from_model(match, self.row.user_id) if match is not None else None

    @classmethod
    def from_model(cls, ticket: models.MatchRequest) -> MatchTicket:
        return cls(
            id=strawberry.ID(str(ticket.id)),
            status=TicketStatus(ticket.status),
            language=Language(ticket.preferred_language),
            difficulty=Difficulty(ticket.preferred_difficulty),
            topics=list(ticket.preferred_topics),
            role=Role(ticket.role),
            min_level=SkillLevel(ticket.partner_min_level),
            max_level=SkillLevel(ticket.partner_max_level),
            avoid_recent_partners=ticket.avoids_recent,
            skill_level=SkillLevel(ticket.skill_level),
            is_skill_known=ticket.is_skill_known,
            created_at=ticket.created_at,
            expires_at=ticket.expires_at,
            row=ticket,
        )


@strawberry.type(description="A private match that waits for its second person.")
class MatchInvitation:
    id: strawberry.ID = strawberry.field(description="A UUID; whoever it is meant for accepts by it.")
    status: InvitationStatus = strawberry.field(description="Whether it can be accepted.")
    inviter: User | None = strawberry.field(description="Who made it.")
    invitee: User | None = strawberry.field(description="Null: whoever holds the link.")
    language: Language = strawberry.field(description="The language of the match.")
    difficulty: Difficulty = strawberry.field(description="The difficulty of its question.")
    topics: list[str] = strawberry.field(description="Empty for any.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it can no longer be accepted.")
    token: str | None = strawberry.field(
        description="What the link carries; told once, to whoever made the invitation."
    )

    @classmethod
    def from_model(cls, invitation: models.Invitation, token: str | None = None) -> MatchInvitation:
        return cls(
            id=strawberry.ID(str(invitation.id)),
            status=InvitationStatus(invitation.status),
            inviter=User.of(invitation.inviter_id),
            invitee=User.of(invitation.invitee_id),
            language=Language(invitation.language),
            difficulty=Difficulty(invitation.difficulty),
            topics=list(invitation.topics),
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            token=token,
        )


def uuid_from(value: str, field: str) -> UUID:
    """The UUID in an ID. Raises InvalidInput when it is none."""
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidInput(f"{value[:50]!r} is not an id; ids are UUIDs.", field=field) from error


def _time_from(value: datetime | None, field: str) -> datetime | None:
    """The time as the database knows it; without an offset it is UTC. Raises InvalidInput for one beyond the first or last year."""
    if value is None or value.tzinfo is None:
        return value.replace(tzinfo=UTC) if value is not None else None
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(f"{value.isoformat()} is not between the years 1 and 9999 in UTC.", field=field) from error


def own_id(context: Context, id: str) -> UUID:
    """The id of a person whose matches the viewer may see. Raises NotAllowed for others'."""
    user_id = uuid_from(id, "id")
    if context.viewer.user_id != user_id and not context.viewer.has_role("admin"):
        raise NotAllowed("Matches are shown to the person and to administrators only.")
    return user_id


def visible_match(context: Context, match: models.Match | None) -> Match | None:
    """The match for whoever may see it: its two people, staff, other services. Staff see it as its first person does."""
    if match is None:
        return None
    viewer = context.viewer
    if viewer.user_id is not None and viewer.user_id in match.user_ids:
        return Match.from_model(match, viewer.user_id)
    if viewer.service is None and not viewer.roles.intersection(STAFF_ROLES):
        return None
    people: Sequence[UUID] = match.user_ids
    return Match.from_model(match, people[0] if people else UUID(int=0))
