"""Whole answers of queries, kept as long as every subgraph that had a part in them allows (RFC 9111's max-age).

An answer is only ever given to the identity it was made for. Subgraphs name what is in an answer with @cacheTag in their schema,
or with the header `cache-tag` (words with commas between); `invalidation.py` has all answers with a tag forgotten.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace

import orjson

from .cache_tags import CACHE_TAGS_HEADER
from .refusals import HeaderPairs
from .settings import ResponseCacheSettings

# What an entry takes beside its body: keys, tags, the objects themselves.
_OVERHEAD = 500
# Tags whose last invalidation is remembered for answers that are being made meanwhile.
_REMEMBERED_TAGS = 10_000


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What all subgraphs together allow: the most restrictive wins."""

    max_age: float
    is_private: bool
    tags: frozenset[str]
    is_public: bool = False
    """Whether all of them say that it is the same for everybody; who says nothing leaves it open (RFC 9111, 3.5)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer that is being made may be kept, unless one of its tags is invalidated before it is there."""

    key: Hashable
    since: int


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer, and until when it is good (on the cache's own clock)."""

    body: bytes
    stored_at: float
    policy: CachePolicy


class ResponseCache:
    """Bounded by bytes; what was not used for longest is forgotten first."""

    def __init__(self, settings: ResponseCacheSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._answers: OrderedDict[Hashable, CachedAnswer] = OrderedDict()
        self._keys_by_tag: dict[str, set[Hashable]] = {}
        self._bytes = 0
        # Invalidations are numbered: an answer that was begun before one may hold what was true before it.
        self._invalidations = 0
        self._last_by_tag: OrderedDict[str, int] = OrderedDict()
        self._last_forgotten = 0
        self.on_invalidation: list[Callable[[], None]] = []
        """Called after each: what is under way now may hold what was true before."""

    def find(self, key: Hashable) -> tuple[bytes, HeaderPairs] | None:
        """Return an answer that is still good, with the headers that tell its age."""
        answer = self._answers.get(key)
        if answer is None:
            return None
        age = self._clock() - answer.stored_at
        if age >= answer.policy.max_age:
            self._forget(key)
            return None
        self._answers.move_to_end(key)
        return answer.body, (*cache_headers(answer.policy), (b"age", str(int(age)).encode()))

    def place(self, key: Hashable) -> Place:
        """Return where to `store` an answer that is made from now on."""
        return Place(key, self._invalidations)

    def store(self, place: Place, body: bytes, policy: CachePolicy) -> None:
        """Keep an answer, unless it may be older than an invalidation of one of its tags."""
        latest = max((self._last_by_tag.get(tag, 0) for tag in policy.tags), default=0)
        if max(latest, self._last_forgotten) > place.since:
            return
        key = place.key
        self._forget(key)
        size = len(body) + _OVERHEAD
        if size > self._settings.max_bytes:
            return
        max_age = min(policy.max_age, self._settings.max_age)
        policy = replace(policy, max_age=max_age)
        self._answers[key] = CachedAnswer(body, self._clock(), policy)
        self._bytes += size
        for tag in policy.tags:
            self._keys_by_tag.setdefault(tag, set()).add(key)
        while self._bytes > self._settings.max_bytes:
            self._forget(next(iter(self._answers)))

    def invalidate(self, tags: Iterable[str]) -> int:
        """Forget all answers with one of these tags; return how many."""
        tags = frozenset(tags)
        self._invalidations += 1
        for tag in tags:
            self._last_by_tag[tag] = self._invalidations
            self._last_by_tag.move_to_end(tag)
        while len(self._last_by_tag) > _REMEMBERED_TAGS:
            self._last_forgotten = self._last_by_tag.popitem(last=False)[1]
        keys = {key for tag in tags for key in self._keys_by_tag.get(tag, ())}
        for key in keys:
            self._forget(key)
        self._tell()
        return len(keys)

    def clear(self) -> None:
        """Forget everything: another supergraph has come, or invalidations may have been missed."""
        self._invalidations += 1
        self._last_forgotten = self._invalidations
        self._last_by_tag.clear()
        self._answers.clear()
        self._keys_by_tag.clear()
        self._bytes = 0
        self._tell()

    def _tell(self) -> None:
        for listener in self.on_invalidation:
            listener()

    def _forget(self, key: Hashable) -> None:
        answer = self._answers.pop(key, None)
        if answer is None:
            return
        self._bytes -= len(answer.body) + _OVERHEAD
        for tag in answer.policy.tags:
            keys = self._keys_by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._keys_by_tag[tag]


def policy_of(answers: Iterable[HeaderPairs]) -> CachePolicy | None:
    """Return what the headers of all fetches allow; None when one of them says nothing, or no."""
    max_age = float("inf")
    is_private, is_public = False, True
    tags: set[str] = set()
    for headers in answers:
        values: dict[bytes, bytes] = {}
        for raw_name, value in headers:
            # Several lines of one name are one list (RFC 9110, 5.3).
            name = raw_name.lower()
            values[name] = b"%b, %b" % (values[name], value) if name in values else value
        directives = _directives(values.get(b"cache-control", b""))
        if "no-store" in directives or "no-cache" in directives:
            return None
        own_age = directives.get("s-maxage") or directives.get("max-age", "")
        if not own_age.isdigit():
            return None
        # An answer that comes out of another cache has lived for a while already.
        age = values.get(b"age", b"0")
        max_age = min(max_age, float(own_age) - (float(age) if age.isdigit() else 0.0))
        is_private = is_private or "private" in directives
        is_public = is_public and ("public" in directives or "s-maxage" in directives)
        tags.update(tag for it in values.get(b"cache-tag", b"").decode("latin-1").split(",") if (tag := it.strip()))
        tags.update(orjson.loads(values.get(CACHE_TAGS_HEADER, b"[]")))
    if not 0 < max_age < float("inf"):
        return None
    return CachePolicy(max_age, is_private, frozenset(tags), is_public and not is_private)


def cache_headers(policy: CachePolicy) -> HeaderPairs:
    """Return what the client may do with the answer."""
    scope = ", private" if policy.is_private else ", public" if policy.is_public else ""
    return ((b"cache-control", f"max-age={int(policy.max_age)}{scope}".encode()),)


def _directives(value: bytes) -> dict[str, str]:
    directives = {}
    for item in value.decode("latin-1").lower().split(","):
        name, _, argument = item.strip().partition("=")
        if name:
            directives[name] = argument.strip('" ')
    return directives
