"""Notes the SQL statements that a database of ours is sent, through SQLAlchemy and on the driver itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event

from subgraphs.kit.database import Database

TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK")
# What the driver asks of the types of a new connection, and what the relay does beside requests.
BESIDE = ("typeinfo_tree", "'jit'", "outbox")


@asynccontextmanager
async def counted_statements(database: Database) -> AsyncIterator[list[str]]:
    """The statements that are sent for requests while the block runs; what begins and ends transactions is none."""
    statements: list[str] = []
    watched: list[Any] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    def note_of_driver(query: Any) -> None:
        if not query.query.startswith(TRANSACTIONS) and not any(name in query.query for name in BESIDE):
            statements.append(query.query)

    def watch(driver: Any) -> None:
        driver.add_query_logger(note_of_driver)
        watched.append(driver)

    def watch_taken(connection: Any, *rest: Any) -> None:
        watch(connection.driver_connection)

    engine = database.engine.sync_engine
    for kept in database.kept_connections:
        watch((await kept.get_raw_connection()).driver_connection)
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "checkout", watch_taken)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "checkout", watch_taken)
        for driver in watched:
            driver.remove_query_logger(note_of_driver)
