"""The GraphQL endpoint of a subgraph: who asks is settled before any resolver runs, over HTTP and graphql-transport-ws alike."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, Generic, TypeVar

import orjson
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.federation import Schema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from .auth import ANONYMOUS, SECRET_HEADER, SERVICE_HEADER, TokenVerifier, Viewer, bearer_token, proves_secret
from .client_address import ClientAddresses
from .context import RequestContext
from .direct_operations import DirectOperation, DirectOperations
from .direct_socket import DirectTransportWSHandler
from .errors import NotAuthenticated
from .middleware import MAX_BODY_BYTES
from .settings import SubgraphSettings
from .sign_outs import SignOuts
from .telemetry import OPEN_SOCKETS

S = TypeVar("S")
logger = structlog.get_logger(__name__)

CONNECTION_INIT_TIMEOUT = timedelta(seconds=3)  # as graphql-ws
MAX_SUBSCRIPTIONS = 1000  # the gateway multiplexes many clients of one identity over one socket


class GraphQLView(GraphQL[RequestContext[Any], None], Generic[S]):
    """Strawberry's ASGI view with our context, our identity check and orjson; direct operations are answered beside it."""

    graphql_transport_ws_handler_class = DirectTransportWSHandler

    def __init__(
        self,
        name: str,
        schema: Schema,
        settings: SubgraphSettings,
        services: S,
        verifier: TokenVerifier,
        sign_outs: SignOuts,
        direct_fields: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None if settings.is_production else "graphiql",
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=CONNECTION_INIT_TIMEOUT,
            max_subscriptions_per_connection=MAX_SUBSCRIPTIONS,
            allowed_origins=settings.cors_origin,
        )
        self._name = name
        self._settings = settings
        self._services = services
        self._client_addresses = ClientAddresses(settings.service_secret, frozenset(settings.trusted_proxies))
        self._verifier = verifier
        self._sign_outs = sign_outs
        self.direct_operations = DirectOperations(schema, direct_fields)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = await self._refusal(Request(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            if scope["method"] == "POST":
                body = await _read_json(scope, receive)
                if body is not None:
                    answer = await self._answer_directly(Request(scope), body)
                    if answer is not None:
                        await _send_json(send, answer)
                        return
                    receive = _again(body, receive)
            await super().__call__(scope, receive, send)
            return
        with OPEN_SOCKETS.labels(self._name).track_inprogress():
            await super().__call__(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext[Any]:
        headers = request.headers
        return RequestContext(
            services=self._services,
            sign_outs=self._sign_outs,
            viewer=request.scope.get("tandem.viewer", ANONYMOUS),
            request_id=request.scope.get("tandem.request_id", ""),
            client_address=self._client_addresses.of(request),
            idempotency_key=headers.get("idempotency-key"),
            user_agent=headers.get("user-agent"),
            handshake_headers=dict(headers) if isinstance(request, WebSocket) else {},
        )

    async def on_ws_connect(self, context: RequestContext[Any]) -> Any:
        """Settle the identity of a socket from connection_init (`authorization`, and the gateway's secret in production)."""
        given = {str(key).lower(): str(value) for key, value in (context.connection_params or {}).items()}
        try:
            context.viewer = await self.identify({**context.handshake_headers, **given})
        except NotAuthenticated as error:
            raise ConnectionRejectionError({"code": error.code, "message": error.message}) from error
        return await super().on_ws_connect(context)

    async def identify(self, headers: Any) -> Viewer:
        """The viewer that these headers stand for. Raises NotAuthenticated for a bad token, and for a stranger in production."""
        secret = self._settings.service_secret
        is_trusted = secret is not None and proves_secret(headers.get(SECRET_HEADER), secret, time.time())
        if self._settings.is_production and not is_trusted:
            raise NotAuthenticated("Subgraphs answer only the gateway.")
        service = headers.get(SERVICE_HEADER)
        if service and is_trusted:
            return Viewer(service=service)
        token = bearer_token(headers.get("authorization"))
        return await self._verifier.verify(token) if token else ANONYMOUS

    async def _refusal(self, request: Request) -> Response | None:
        try:
            request.scope["tandem.viewer"] = await self.identify(request.headers)
        except NotAuthenticated as error:
            body = {"data": None, "errors": [{"message": error.message, "extensions": {"code": error.code}}]}
            return JSONResponse(body, status_code=401)
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            body = {
                "errors": [
                    {
                        "message": f"The request body is larger than {MAX_BODY_BYTES} bytes.",
                        "extensions": {"code": "BODY_TOO_LARGE"},
                    }
                ]
            }
            return JSONResponse(body, status_code=413)
        return None

    async def _answer_directly(self, request: Request, body: bytes) -> bytes | None:
        """The answer to a direct mutation or lookup; None when the body is something else, or wrong."""
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(given, dict):
            return None
        operation = self.direct_operations.find(given.get("query"), given.get("operationName"))
        if operation is None or operation.is_subscription:
            return None
        variables = given.get("variables")
        arguments = operation.read(variables) if variables is None or isinstance(variables, dict) else None
        if arguments is None:
            return None
        request.scope["tandem.is_frequent"] = isinstance(operation, DirectOperation)
        context = await self.get_context(request, Response())
        return orjson.dumps(await operation.answer(context, arguments), default=str)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes | str:
        return orjson.dumps(data, default=str).decode()


async def _read_json(scope: Scope, receive: Receive) -> bytes | None:
    """The body of a request that says that it is JSON and how long it is; None, with nothing read, for any other."""
    headers = Headers(scope=scope)
    if not headers.get("content-type", "").startswith("application/json") or "content-length" not in headers:
        return None
    pieces = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that tells of the body once more."""
    is_told = False

    async def receive_again() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def _send_json(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
