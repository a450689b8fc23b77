"""Keep pairing: whenever somebody wants a partner, pair all of that language who do, in one transaction at a time.

While one transaction runs the next batch gathers, so the batch grows with the load and nobody waits for it when there is none.
"""

from __future__ import annotations

import asyncio

import structlog

from .pairing import PairingOutcome, first_of_pairing, pair
from .rules import Language, PairingRules
from .work import UnitsOfWork

logger = structlog.get_logger(__name__)


class Matchmaker:
    """The searches of this replica. A search that is lost with the replica is taken up by another (`next_look_at`)."""

    def __init__(self, units: UnitsOfWork, rules: PairingRules, ready_check: float) -> None:
        self._units = units
        self._rules = rules
        self._ready_check = ready_check
        self._wakes = {language: asyncio.Event() for language in Language}

    def look_for(self, language: Language) -> None:
        """Look soon for partners of the tickets of this language for which it is time."""
        self._wakes[language].set()

    async def run(self) -> None:
        """Pair for ever; no language waits for another."""
        async with asyncio.TaskGroup() as group:
            for language in Language:
                group.create_task(self._pair_language(language))

    async def pair(self, language: Language) -> PairingOutcome:
        """Look for partners in one transaction."""
        async with self._units.begin_on_driver(first_of_pairing(language)) as unit:
            outcome = await pair(unit.driver.connection, language, self._rules, self._ready_check)
            unit.events.extend(outcome.events)
            if outcome.respond_by is None:
                unit.forming.extend(outcome.matches)
        return outcome

    async def _pair_language(self, language: Language) -> None:
        wake = self._wakes[language]
        while True:
            await wake.wait()
            wake.clear()
            try:
                if (await self.pair(language)).is_full:
                    wake.set()
            except Exception:
                # The tickets are still due; upkeep asks again.
                logger.exception("pairing.failed", language=language)
