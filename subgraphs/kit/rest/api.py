"""Serve declared operations: read and check the request, call the handler, write the answer with its ETag and links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import structlog
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from ..auth import ANONYMOUS, TokenVerifier, bearer_token
from ..errors import DomainError, VersionConflict
from ..graphql_errors import MASKED_MESSAGE
from ..middleware import MAX_BODY_BYTES
from ..pagination import Page
from ..repository import storage_refusal
from .docs import DOCS_HEADERS, docs_page
from .openapi import PREFIX, openapi_document
from .operation import Operation, Reply, RestCall, RestModel
from .problems import BodyTooLarge, InvalidBody, PreconditionFailed, UnsupportedMediaType, problem, problem_response

S = TypeVar("S")
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RestApi(Generic[S]):
    """The REST face of one subgraph."""

    title: str
    description: str
    operations: Sequence[Operation]
    services: S
    verifier: TokenVerifier

    def routes(self) -> list[BaseRoute]:
        """The routes of all operations, `/v1/openapi.json` and `/v1/docs`."""
        document = orjson.dumps(openapi_document(self.title, self.description, self.operations))
        page = docs_page(self.title)

        async def openapi(request: Request) -> Response:
            return Response(document, media_type="application/json", headers={"cache-control": "public, max-age=300"})

        async def docs(request: Request) -> Response:
            return Response(page, media_type="text/html", headers=DOCS_HEADERS)

        by_path: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        return [
            Route(f"{PREFIX}/openapi.json", _Fixed(openapi)),
            Route(f"{PREFIX}/docs", _Fixed(docs)),
            *(Route(f"{PREFIX}{path}", _Endpoint(self, methods)) for path, methods in by_path.items()),
            # Last: what is nothing of ours is a problem document too.
            Route(f"{PREFIX}/{{rest:path}}", _Nothing()),
        ]

    async def answer(self, operation: Operation, request: Request) -> Response:
        """Run one operation. Whatever goes wrong becomes a problem document."""
        try:
            token = bearer_token(request.headers.get("authorization"))
            viewer = await self.verifier.verify(token) if token else ANONYMOUS
            if operation.needs_login:
                viewer.require_user()
            call = RestCall(
                self.services,
                viewer,
                request,
                body_value=await _read_body(request, operation.body),
                query_value=_read_query(request, operation.query),
            )
            return _response(await operation.handler(call), request)
        except VersionConflict as error:
            return problem_response(PreconditionFailed.of(error) if "if-match" in request.headers else error)
        except DomainError as error:
            return problem_response(error)
        except Exception as error:
            refusal = storage_refusal(error)
            if refusal is not None:
                return problem_response(refusal)
            error_id = uuid4().hex
            logger.error("rest.failed", error_id=error_id, path=request.url.path, exc_info=error)
            return problem(500, "INTERNAL_SERVER_ERROR", f"{MASKED_MESSAGE} Mention {error_id} if you report it.")


class _Endpoint:
    """All operations of one path; an ASGI app, so that Starlette lets every method through to us."""

    def __init__(self, api: RestApi[Any], operations: Mapping[str, Operation]) -> None:
        self._api = api
        self._operations = operations
        self._allow = ", ".join(sorted({*operations, *(["HEAD"] if "GET" in operations else [])}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            response = _not_offered(request.method, self._allow)
        else:
            response = await self._api.answer(operation, request)
        await response(scope, receive, send)


class _Fixed:
    """A page that is the same for everybody, as an ASGI app for the same reason."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        is_offered = request.method in ("GET", "HEAD")
        response = await self._answer(request) if is_offered else _not_offered(request.method, "GET, HEAD")
        await response(scope, receive, send)


class _Nothing:
    """Answers every other path under the prefix."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"There is nothing at this path; {PREFIX}/docs tells what there is."
        await problem(404, "NOT_FOUND", detail)(scope, receive, send)


def _not_offered(method: str, allow: str) -> Response:
    response = problem(405, "METHOD_NOT_ALLOWED", f"{method} is not offered here; {allow} are.")
    response.headers["allow"] = allow
    return response


def page_reply(body: BaseModel, page: Page[Any]) -> Reply:
    """A page of a list, with a link to the next one while there is one."""
    return Reply(body, next_cursor=page.cursors[-1] if page.has_next_page and page.cursors else None)


async def _read_body(request: Request, model: type[BaseModel] | None) -> BaseModel | None:
    if model is None:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise BodyTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")
    try:
        return model.model_validate_json(bytes(content))
    except ValidationError as error:
        raise InvalidBody(_problems_of(error, "body")) from error


def _read_query(request: Request, model: type[BaseModel] | None) -> BaseModel | None:
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    lists = _list_parameters(model) if model else frozenset()
    values = {name: found if name in lists or len(found) > 1 else found[0] for name, found in given.items()}
    try:
        return (model or RestModel).model_validate(values)
    except ValidationError as error:
        raise InvalidBody(_problems_of(error, "query")) from error


def _list_parameters(model: type[BaseModel]) -> frozenset[str]:
    """The parameters that may be given more than once."""
    properties = model.model_json_schema()["properties"]
    return frozenset(name for name, schema in properties.items() if "array" in str(schema))


def _problems_of(error: ValidationError, where: str) -> list[dict[str, str]]:
    return [
        {"pointer": "/".join([where, *(str(part) for part in problem["loc"])]), "detail": problem["msg"]}
        for problem in error.errors()
    ]


def _response(reply: Reply, request: Request) -> Response:
    # The same address shows more to those who may see more: a cached answer to a visitor is none for somebody logged in.
    headers = {"vary": "Authorization", **reply.headers}
    if reply.version is not None:
        headers["etag"] = f'"v{reply.version}"'
        wanted = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
        if request.method in ("GET", "HEAD") and headers["etag"] in wanted:
            return Response(status_code=304, headers=headers)
    if reply.next_cursor is not None:
        others = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        query = urlencode([*others, ("after", reply.next_cursor)])
        headers["link"] = f'<{request.url.path}?{query}>; rel="next"'
    if reply.body is None:
        return Response(status_code=204 if reply.status == 200 else reply.status, headers=headers)
    content = reply.body.model_dump_json(by_alias=True)
    # What a token opens, and tokens themselves (RFC 6749, section 5.1), are in no cache.
    is_personal = "authorization" in request.headers or request.method not in ("GET", "HEAD")
    headers.setdefault("cache-control", "no-store" if is_personal else "no-cache")
    return Response(content, reply.status, headers=headers, media_type="application/json")
