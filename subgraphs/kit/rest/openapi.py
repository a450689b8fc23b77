"""Describe REST operations as an OpenAPI 3.1 document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ..errors import DomainError, InvalidInput, NotAllowed, NotAuthenticated, NotFound, RateLimited
from ..events import JsonObject
from .operation import Operation
from .problems import PROBLEM_TYPE, BodyTooLarge, PreconditionFailed, UnsupportedMediaType

PREFIX = "/v1"

PARAMETER = re.compile(r"\{(\w+)\}")
PROBLEM_SCHEMA: JsonObject = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable and for programs, `detail` for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "field": {"type": "string", "description": "The input it is about."},
        "retryable": {"type": "boolean", "description": "True when the same call may succeed later."},
        "retryAfter": {"type": "number", "description": "Seconds until the call may succeed."},
        "currentVersion": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}

# The HTTP server refuses these before there is a request that could be answered in the words of the API.
NO_HTTP: JsonObject = {
    "description": "What came is no HTTP, or its address is longer than 64 KiB; said in plain text.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


def openapi_document(title: str, description: str, operations: Sequence[Operation]) -> JsonObject:
    """The document of all operations; models that they share are components."""
    schemas = _Schemas(operations)
    paths: JsonObject = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(f"{PREFIX}{operation.path}", {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "description": description, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {**schemas.definitions, "Problem": PROBLEM_SCHEMA},
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


class _Schemas:
    """The JSON Schemas of all models, made together so that those they share are named once."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
        for operation in operations:
            if operation.body is not None:
                wanted[operation.body, "validation"] = None
            if operation.answer is not None:
                wanted[operation.answer, "serialization"] = None
        references, document = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
        self.references = references
        self.definitions: JsonObject = document.get("$defs", {})


def _operation(operation: Operation, schemas: _Schemas) -> JsonObject:
    described: JsonObject = {
        "operationId": _operation_id(operation),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {**_success(operation, schemas), **_problems(operation)},
    }
    if operation.description:
        described["description"] = operation.description
    if operation.needs_login:
        described["security"] = [{"accessToken": []}]
    if operation.body is not None:
        schema = schemas.references[operation.body, "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _operation_id(operation: Operation) -> str:
    name: str = getattr(operation.handler, "__name__", "")
    first, *rest = name.strip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)


def _path_parameters(operation: Operation) -> Iterable[JsonObject]:
    for name in PARAMETER.findall(operation.path):
        schema = {"type": "string", "format": "uuid"} if name.endswith("id") else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(operation: Operation) -> Iterable[JsonObject]:
    if operation.query is None:
        return
    document = operation.query.model_json_schema()
    definitions = document.get("$defs", {})
    for name, schema in document["properties"].items():
        description = schema.pop("description", None)
        parameter: JsonObject = {"name": name, "in": "query", "schema": _inlined(schema, definitions)}
        parameter["required"] = name in document.get("required", ())
        if description:
            parameter["description"] = description
        yield parameter


def _inlined(schema: Any, definitions: JsonObject) -> Any:
    """The schema with references to local definitions replaced by them; query models are flat, so there are no cycles."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _header_parameters(operation: Operation) -> Iterable[JsonObject]:
    if operation.has_version and operation.method != "GET":
        description = "Write only if the thing is still at this version (its ETag)."
        parameter: JsonObject = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}
        yield {**parameter, "description": description, "required": operation.needs_version}
    if operation.takes_idempotency_key:
        description = "Any text of yours, up to 100 characters: the same call again gives the same answer for 24 hours."
        schema = {"type": "string", "maxLength": 100}
        yield {"name": "Idempotency-Key", "in": "header", "schema": schema, "description": description}


def _success(operation: Operation, schemas: _Schemas) -> JsonObject:
    if operation.answer is None:
        return {"204": {"description": "Done."}}
    answer: JsonObject = {
        "description": "Done.",
        "content": {"application/json": {"schema": schemas.references[operation.answer, "serialization"]}},
    }
    headers: JsonObject = {}
    if operation.has_version:
        headers["ETag"] = {"schema": {"type": "string"}, "description": "The version; pass it as If-Match."}
    if operation.is_paged:
        headers["Link"] = {"schema": {"type": "string"}, "description": 'The next page, as rel="next".'}
    links: JsonObject = {
        it.operation_id: {
            "operationId": it.operation_id,
            "parameters": {it.parameter: f"$response.body#{it.pointer}"},
        }
        for it in operation.links
    }
    more = {name: value for name, value in (("headers", headers), ("links", links)) if value}
    return {str(operation.status): {**answer, **more}}


def _problems(operation: Operation) -> JsonObject:
    classes: list[type[DomainError]] = [*operation.errors, InvalidInput]
    classes.append(NotAuthenticated)  # a bad token is refused where none is needed too
    if operation.needs_login:
        classes += [NotAllowed, RateLimited]
    if PARAMETER.search(operation.path):
        classes.append(NotFound)
    if operation.body is not None:
        classes += [BodyTooLarge, UnsupportedMediaType]
    if operation.has_version and operation.method != "GET":
        classes.append(PreconditionFailed)
    codes: dict[int, list[str]] = {}
    for error in classes:
        known = codes.setdefault(error.http_status, [])
        if error.code not in known:
            known.append(error.code)
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems = {str(status): {"description": ", ".join(codes[status]), "content": content} for status in sorted(codes)}
    return {"400": NO_HTTP, **problems}
