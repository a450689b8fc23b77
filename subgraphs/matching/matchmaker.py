"""Keep pairing: gather the tickets that want a partner now and pair each language's in one transaction at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from .pairing import PairingOutcome, pair
from .rules import Language, PairingRules
from .work import UnitsOfWork

logger = structlog.get_logger(__name__)

# While one transaction runs the next batch gathers, so the batch grows with the load and nobody waits for it when there is none.
MAX_BATCH = 100


class Matchmaker:
    """The searches of this replica. A search that is lost with the replica is taken up by another (`next_look_at`)."""

    def __init__(self, units: UnitsOfWork, rules: PairingRules, ready_check: float) -> None:
        self._units = units
        self._rules = rules
        self._ready_check = ready_check
        self._waiting: dict[Language, dict[UUID, None]] = {language: {} for language in Language}
        self._wakes = {language: asyncio.Event() for language in Language}

    def look_for(self, language: Language, ticket_id: UUID) -> None:
        """Look for a partner of this ticket soon."""
        self._waiting[language][ticket_id] = None
        self._wakes[language].set()

    async def run(self) -> None:
        """Pair for ever; no language waits for another."""
        async with asyncio.TaskGroup() as group:
            for language in Language:
                group.create_task(self._pair_language(language))

    async def pair(self, language: Language, ids: Sequence[UUID]) -> PairingOutcome:
        """Look for partners of these tickets in one transaction."""
        async with self._units.begin() as unit:
            outcome = await pair(unit.session, language, ids, self._rules, self._ready_check)
            unit.events.extend(outcome.events)
            if outcome.respond_by is None:
                unit.forming.extend(outcome.matches)
        return outcome

    async def _pair_language(self, language: Language) -> None:
        wake = self._wakes[language]
        while True:
            await wake.wait()
            wake.clear()
            waiting, self._waiting[language] = list(self._waiting[language]), {}
            for start in range(0, len(waiting), MAX_BATCH):
                batch = waiting[start : start + MAX_BATCH]
                try:
                    await self.pair(language, batch)
                except Exception:
                    # The tickets are still due; upkeep hands them out again.
                    logger.exception("pairing.failed", language=language, tickets=len(batch))
