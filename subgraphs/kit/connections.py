"""Relay connections from pages: `Connection[User]` is UserConnection in the schema, with edges, pageInfo and a count on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Self, TypeVar

import strawberry

from .pagination import Page

Node = TypeVar("Node")
Counter = Callable[[], Awaitable[int]]


@strawberry.federation.type(shareable=True, description="Where a page ends, and whether another follows.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="True when more items follow this page.")
    end_cursor: str | None = strawberry.field(
        description="Pass it as `after` to get the next page; null for an empty page."
    )


@strawberry.type(description="One item of a list, with its cursor.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="Opaque; pass it as `after` to go on behind this item.")
    node: Node = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = strawberry.field(description="The items of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Where this page ends.")
    counter: strawberry.Private[Counter]

    @strawberry.field(description="How many items the whole list has. Counted only when it is asked for.")
    async def total_count(self) -> int:
        return await self.counter()

    @classmethod
    def from_page(cls, page: Page[Any], to_node: Callable[[Any], Node], counter: Counter) -> Self:
        """The connection of a page; `to_node` makes the GraphQL type of an item, `counter` counts the whole list."""
        edges = [Edge(cursor=cursor, node=to_node(item)) for item, cursor in zip(page.items, page.cursors, strict=True)]
        end_cursor = page.cursors[-1] if page.cursors else None
        return cls(
            edges=edges,
            page_info=PageInfo(has_next_page=page.has_next_page, end_cursor=end_cursor),
            counter=counter,
        )
