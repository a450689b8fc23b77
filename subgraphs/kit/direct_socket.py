"""graphql-transport-ws for a subgraph: direct operations are answered without the executor, everything else by Strawberry."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, cast

from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import NextMessage
from strawberry.types.graphql import OperationType

from .context import RequestContext
from .direct_operations import DirectOperation, DirectOperations

Handled = Operation[RequestContext[Any], None]


class DirectTransportWSHandler(BaseGraphQLTransportWSHandler[RequestContext[Any], None]):
    """One per socket."""

    async def run_operation(self, operation: Handled) -> None:
        operations: DirectOperations = self.view.direct_operations  # type: ignore[attr-defined]
        direct = operations.find(operation.query, operation.operation_name)
        arguments = direct.read(operation.variables) if direct is not None else None
        if direct is None or arguments is None:
            await super().run_operation(operation)
            return
        try:
            if isinstance(direct, DirectOperation) and direct.is_subscription:
                await self._follow(operation, direct, arguments)
            else:
                await self._next(operation, await direct.answer(self.context, arguments))
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except WebSocketDisconnected:
            # The client left at the moment of sending: nothing failed.
            self.operations.pop(operation.id, None)
        except Exception as error:
            await self.handle_task_exception(error)
            self.operations.pop(operation.id, None)
            raise

    async def _follow(self, operation: Handled, direct: DirectOperation, arguments: dict[str, Any]) -> None:
        async with aclosing(direct.events(self.context, arguments)) as events:
            async for event, response in events:
                if response is None:
                    # Some field of this event takes more than picking: the executor makes this one.
                    result = await self.schema.execute(
                        operation.query,
                        variable_values=operation.variables,
                        context_value=self.context,
                        root_value=event,
                        operation_name=operation.operation_name,
                        allowed_operation_types={OperationType.SUBSCRIPTION},
                    )
                    await operation.send_next(result)
                else:
                    await self._next(operation, response)

    async def _next(self, operation: Handled, response: dict[str, Any]) -> None:
        message = {"id": operation.id, "type": "next", "payload": response}
        await operation.send_operation_message(cast("NextMessage", message))
