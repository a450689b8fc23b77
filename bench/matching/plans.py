"""Show what the search for a partner costs the database at different lengths of the queue: its plan, its buffers, its time."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.matching.pairing import search_statement, search_values
from subgraphs.matching.rules import PairingRules, SkillLevel, Ticket

from .population import arrivals

SEARCHES = 20


async def explain_search(database: Database) -> tuple[dict[str, float], str]:
    """Mean buffers and milliseconds of the search statement for arrivals at random, and the last plan as text."""
    buffers = milliseconds = 0.0
    plan: dict[str, Any] = {}
    async with database.transaction() as session:
        now = (await session.execute(text("SELECT now()"))).scalar_one()
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        await session.execute(text("SET LOCAL enable_bitmapscan = off"))
        for arrival in arrivals(SEARCHES, random.Random(5), alternate=False):
            wish = arrival.wish
            seeker = Ticket(
                uuid4(), arrival.user_id, wish.language, wish.difficulty, SkillLevel.INTERMEDIATE,
                frozenset(wish.topics), now, wish.role,
            )  # fmt: skip
            values = search_values(seeker, {}, now, PairingRules()) | {"skipped": []}
            explained = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {search_statement()}")
            plan = (await session.execute(explained, values)).scalar_one()[0]
            buffers += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
            milliseconds += plan["Execution Time"]
    figures = {"buffers": buffers / SEARCHES, "milliseconds": milliseconds / SEARCHES}
    return figures, "\n".join(_lines(plan["Plan"], 0))


def _lines(node: dict[str, Any], depth: int) -> list[str]:
    name = node["Node Type"] + (f" using {node['Index Name']}" if "Index Name" in node else "")
    loops, rows = node["Actual Loops"], node["Actual Rows"]
    line = f"{'  ' * depth}{name} (rows={rows:g} loops={loops:g} buffers={node['Shared Hit Blocks'] + node['Shared Read Blocks']})"
    return [line, *(inner for child in node.get("Plans", []) for inner in _lines(child, depth + 1))]
