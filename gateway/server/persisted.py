"""Operations known by their hash: automatic persisted queries (APQ), and the manifest of what is allowed."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

import orjson

from .refusals import BadRequest, PersistedOperationRequired, PersistedQueryNotFound
from .request import GraphqlRequest
from .settings import PersistedSettings
from .settings_file import InvalidSettings


class PersistedOperations:
    """Completes requests that name their operation instead of sending it."""

    def __init__(self, settings: PersistedSettings, max_characters: int) -> None:
        self._settings = settings
        self._max_characters = max_characters
        self._manifest = _read_manifest(Path(settings.manifest)) if settings.manifest else {}
        # The hash of a text is computed once, not with each request.
        self._allowed_texts = frozenset(self._manifest.values())
        self._registered: OrderedDict[str, str] = OrderedDict()
        self.is_needed = settings.apq or bool(self._manifest) or settings.require

    def complete(self, request: GraphqlRequest) -> None:
        """Set the request's text. Raises PersistedQueryNotFound, PersistedOperationRequired and BadRequest."""
        digest = _hash_of(request)
        if digest is not None:
            self._complete_by_hash(request, digest)
        if self._settings.require and request.query not in self._allowed_texts:
            raise PersistedOperationRequired("Only operations of the manifest are allowed here.")

    def _complete_by_hash(self, request: GraphqlRequest, digest: str) -> None:
        known = self._manifest.get(digest) or self._registered.get(digest)
        if not request.query:
            if known is None:
                # The words of the APQ protocol: clients look for them.
                raise PersistedQueryNotFound("PersistedQueryNotFound")
            if digest in self._registered:
                self._registered.move_to_end(digest)
            request.query = known
            return
        if known == request.query:
            return
        if hashlib.sha256(request.query.encode()).hexdigest() != digest:
            raise BadRequest("provided sha does not match query")
        # What cannot be parsed costs its entry only a place; what is too long to be executed has none.
        if self._settings.apq and not self._settings.require and len(request.query) <= self._max_characters:
            self._registered[digest] = request.query
            if len(self._registered) > self._settings.apq_entries:
                self._registered.popitem(last=False)


def _hash_of(request: GraphqlRequest) -> str | None:
    if request.document_id is not None:
        return request.document_id.removeprefix("sha256:")
    if not request.extensions:
        return None
    persisted = request.extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or not isinstance(persisted.get("sha256Hash"), str):
        raise BadRequest("'extensions.persistedQuery' needs 'sha256Hash', a string.")
    digest: str = persisted["sha256Hash"]
    return digest


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        manifest = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidSettings(f"The manifest {path} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise InvalidSettings(f"The manifest {path} is not JSON: {error}.") from error
    if isinstance(manifest, dict) and isinstance(manifest.get("operations"), list):
        entries = [(entry.get("id"), entry.get("body")) for entry in manifest["operations"] if isinstance(entry, dict)]
    else:
        entries = list(manifest.items()) if isinstance(manifest, dict) else [(None, None)]
    if not all(isinstance(digest, str) and isinstance(text, str) for digest, text in entries):
        raise InvalidSettings(f'The manifest {path} must be Apollo\'s or an object {{"sha256": "operation"}}.')
    return {str(digest): str(text) for digest, text in entries}
