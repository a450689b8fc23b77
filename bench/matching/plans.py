"""Show what the search for a partner costs the database at different lengths of the queue: its plan, its buffers, its time."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

from subgraphs.kit.database import connect_raw
from subgraphs.matching.partner_search import explain_search
from subgraphs.matching.rules import PairingRules, SkillLevel, Ticket

from .population import arrivals

SEARCHES = 20


async def explain_searches(url: str) -> tuple[dict[str, float], str]:
    """Mean buffers and milliseconds of the search for arrivals at random, and the last plan as text."""
    buffers = milliseconds = 0.0
    plan: dict[str, Any] = {}
    connection = await connect_raw(url)
    # As in matching.take_partners.
    for setting in ("enable_seqscan", "enable_bitmapscan", "jit"):
        await connection.execute(f"SET {setting} = off")
    for arrival in arrivals(SEARCHES, random.Random(5), alternate=False):
        wish = arrival.wish
        now = await connection.fetchval("SELECT now()")
        seeker = Ticket(
            uuid4(), arrival.user_id, wish.language, wish.difficulty, SkillLevel.INTERMEDIATE, frozenset(wish.topics), now, wish.role
        )  # fmt: skip
        plan = await explain_search(connection, seeker, now, PairingRules())
        buffers += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        milliseconds += plan["Execution Time"]
    await connection.close()
    figures = {"buffers": round(buffers / SEARCHES, 1), "milliseconds": round(milliseconds / SEARCHES, 3)}
    return figures, "\n".join(_lines(plan["Plan"], 0))


def _lines(node: dict[str, Any], depth: int) -> list[str]:
    name = node["Node Type"] + (f" using {node['Index Name']}" if "Index Name" in node else "")
    loops, rows = node["Actual Loops"], node["Actual Rows"]
    line = f"{'  ' * depth}{name} (rows={rows:g} loops={loops:g} buffers={node['Shared Hit Blocks'] + node['Shared Read Blocks']})"
    return [line, *(inner for child in node.get("Plans", []) for inner in _lines(child, depth + 1))]
