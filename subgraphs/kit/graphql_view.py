"""The GraphQL endpoint of a subgraph: who asks is settled before any resolver runs, over HTTP and graphql-transport-ws alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Generic, TypeVar

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.federation import Schema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from .auth import ANONYMOUS, SECRET_HEADER, SERVICE_HEADER, TokenVerifier, Viewer, bearer_token, secrets_equal
from .context import RequestContext
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
    """Strawberry's ASGI view with our context, our identity check and orjson."""

    def __init__(
        self,
        name: str,
        schema: Schema,
        settings: SubgraphSettings,
        services: S,
        verifier: TokenVerifier,
        sign_outs: SignOuts,
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
        self._verifier = verifier
        self._sign_outs = sign_outs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = await self._refusal(Request(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
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
            client_address=headers.get("x-forwarded-for", "").split(",")[0].strip()
            or (request.client.host if request.client else ""),
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
        is_trusted = bool(secret) and secrets_equal(headers.get(SECRET_HEADER), secret or "")
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

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes | str:
        return orjson.dumps(data, default=str).decode()
