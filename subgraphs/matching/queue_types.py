"""How the queue's state looks to GraphQL: why somebody waits, and the operators' figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import strawberry

from . import board
from .models import MatchRequest
from .outlook import Outlook
from .rules import Difficulty, Language
from .types import MatchTicket


@strawberry.type(description="How many wait for one language and difficulty.")
class QueueDepth:
    language: Language = strawberry.field(description="The language they wait for.")
    difficulty: Difficulty = strawberry.field(description="The difficulty they asked for.")
    waiting: int = strawberry.field(description="How many wait.")

    @classmethod
    def from_depth(cls, depth: board.Depth) -> QueueDepth:
        return cls(
            language=Language(depth.language),
            difficulty=Difficulty(depth.difficulty),
            waiting=depth.waiting,
        )


@strawberry.type(
    description="How much longer it may take, in seconds, by those of the last hour's waits in this language and difficulty "
    "that were at least as long as yours is now."
)
class WaitEstimate:
    typical_seconds: float | None = strawberry.field(
        description="Half found a partner within this time; null when the sample is too small to say."
    )
    patient_seconds: float | None = strawberry.field(description="Nine in ten did.")
    sample_size: int = strawberry.field(description="How many waits it is based on.")


@strawberry.type(description="A place in line within one language and difficulty.")
class QueuePosition:
    position: int = strawberry.field(description="1 has waited longest.")
    waiting: int = strawberry.field(description="How many wait in this language and difficulty.")
    estimate: WaitEstimate = strawberry.field(description="How much longer it may take.")

    @classmethod
    def from_place(cls, place: board.Place) -> QueuePosition:
        estimate = place.estimate
        return cls(
            position=place.position,
            waiting=place.waiting,
            estimate=WaitEstimate(
                typical_seconds=estimate.typical, patient_seconds=estimate.patient, sample_size=estimate.sample_size
            ),
        )


@strawberry.type(description="What giving up one criterion would change.")
class CriterionRelaxation:
    criterion: str = strawberry.field(
        description="DIFFICULTY, SKILL, TOPICS, ROLE, PARTNER_LEVELS, RECENT_PARTNERS or LANGUAGE."
    )
    compatible: int = strawberry.field(description="How many would fit at this moment.")


@strawberry.type(description="Why you wait, and how the queue is.")
class QueueStatus:
    ticket: MatchTicket | None = strawberry.field(description="Null for somebody who does not wait.")
    stage: str | None = strawberry.field(description="How far your criteria are relaxed by now.")
    next_stage: str | None = strawberry.field(description="What comes next; null at the last stage.")
    next_stage_at: datetime | None = strawberry.field(description="When that will be.")
    position: QueuePosition | None = strawberry.field(description="Your place in line.")
    depths: list[QueueDepth] = strawberry.field(
        description="How many wait where; buckets without anybody are left out."
    )
    no_shows: int = strawberry.field(description="How often you did not answer a proposal.")
    outlook: strawberry.Private[Callable[[], Awaitable[Outlook | None]]]

    @strawberry.field(description="How many fit at this moment; seldom more than 0, as they would be matched.")
    async def compatible_now(self) -> int | None:
        outlook = await self.outlook()
        return outlook.compatible_now if outlook is not None else None

    @strawberry.field(description="How many would fit now if your ticket were at its last stage.")
    async def compatible_when_fully_relaxed(self) -> int | None:
        outlook = await self.outlook()
        return outlook.willing_when_relaxed if outlook is not None else None

    @strawberry.field(description="What each criterion costs you.")
    async def relaxations(self) -> list[CriterionRelaxation]:
        outlook = await self.outlook()
        return [
            CriterionRelaxation(criterion=each.criterion, compatible=each.compatible)
            for each in (outlook.relaxations if outlook is not None else ())
        ]

    @classmethod
    def from_status(
        cls, status: board.QueueStatus, outlook_of: Callable[[MatchRequest], Awaitable[Outlook]]
    ) -> QueueStatus:
        """`outlook_of` is asked when a field wants it, and once."""
        ticket = status.ticket
        known: list[asyncio.Future[Outlook]] = []

        async def outlook() -> Outlook | None:
            if ticket is None:
                return None
            if not known:
                known.append(asyncio.ensure_future(outlook_of(ticket)))
            return await known[0]

        is_waiting = ticket is not None
        later = status.stage_names[status.stage + 1 : status.stage + 2]
        return cls(
            ticket=MatchTicket.from_model(status.ticket) if status.ticket is not None else None,
            stage=status.stage_names[status.stage] if is_waiting else None,
            next_stage=later[0] if later else None,
            next_stage_at=status.next_stage_at,
            position=QueuePosition.from_place(status.place) if status.place is not None else None,
            depths=[QueueDepth.from_depth(depth) for depth in status.depths],
            no_shows=status.no_shows,
            outlook=outlook,
        )


@strawberry.type(description="Percentiles of waits, in seconds.")
class WaitPercentiles:
    p50: float = strawberry.field(description="Half waited at most this long.")
    p90: float = strawberry.field(description="Nine in ten did.")
    p99: float = strawberry.field(description="Ninety-nine in a hundred did.")


@strawberry.type(description="What the queue did in the last `seconds`; for administrators.")
class MatchingThroughput:
    seconds: int = strawberry.field(description="The window.")
    matches_made: int = strawberry.field(description="Pairs made.")
    matches_per_minute: float = strawberry.field(description="The same per minute.")
    tickets_matched: int = strawberry.field(description="Tickets that found a partner.")
    tickets_expired: int = strawberry.field(description="Tickets that found nobody in time.")
    tickets_cancelled: int = strawberry.field(description="Tickets given up by their owners.")
    tickets_declined: int = strawberry.field(description="Tickets whose owner turned a proposal down.")
    waits: WaitPercentiles | None = strawberry.field(description="Of matched tickets; null when there were none.")
    people_in_matches: int = strawberry.field(description="At this moment.")
    oldest_ticket_at: datetime | None = strawberry.field(description="Since when the longest-waiting person waits.")
    depths: list[QueueDepth] = strawberry.field(description="How many wait where at this moment.")

    @classmethod
    def from_throughput(cls, found: board.Throughput) -> MatchingThroughput:
        waits = found.wait_percentiles
        return cls(
            seconds=found.seconds,
            matches_made=found.matches_made,
            matches_per_minute=round(found.matches_made * 60 / found.seconds, 2),
            tickets_matched=found.tickets_matched,
            tickets_expired=found.tickets_expired,
            tickets_cancelled=found.tickets_cancelled,
            tickets_declined=found.tickets_declined,
            waits=WaitPercentiles(p50=waits[0], p90=waits[1], p99=waits[2]) if waits is not None else None,
            people_in_matches=found.people_in_matches,
            oldest_ticket_at=found.oldest_ticket_at,
            depths=[QueueDepth.from_depth(depth) for depth in found.depths],
        )
