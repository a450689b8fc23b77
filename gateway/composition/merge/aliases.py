"""Names under which the supergraph can link specs without any of its elements being taken for another's."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ...specs import FeatureUrl
from ..schema.features import Import, is_plain_name, split_prefix

_FIRST = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LATER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class ImportingFeature:
    """A spec that the supergraph will link, with what it will import from it."""

    url: FeatureUrl
    imports: tuple[Import, ...]


class Aliases:
    """Chooses the alias of each spec: its own name where no import could be mistaken for a name with that prefix."""

    def __init__(self, features: Iterable[ImportingFeature], element_names: Iterable[str]) -> None:
        self._taken: set[str] = set()
        self._confusing: dict[str, tuple[set[str], set[str]]] = {}
        self._names = set(element_names)
        self._prefix: str | None = None
        self._count = 0
        for feature in features:
            self._confusing[feature.url.identity] = self._confusing_aliases(feature)

    def _confusing_aliases(self, feature: ImportingFeature) -> tuple[set[str], set[str]]:
        """Aliases that the imports of a feature rule out: for the feature itself, and for all others."""
        self._names.add(feature.url.name)
        own: set[str] = set()
        others: set[str] = set()
        for item in feature.imports:
            name = item.name.removeprefix("@")
            in_schema = item.name_in_schema.removeprefix("@")
            self._names.add(in_schema)
            split = split_prefix(in_schema)
            if split:
                if split[1] != name:
                    own.add(split[0])
                others.add(split[0])
            if item.is_directive:
                if name != feature.url.name:
                    own.add(in_schema)
                others.add(in_schema)
        return own, others

    def choose(self, url: FeatureUrl) -> str:
        alias = url.name if self._is_valid(url.name, url.identity) else self._unique(url.name)
        self._taken.add(alias)
        return alias

    def _is_valid(self, alias: str, identity: str) -> bool:
        if "__" in alias or alias.endswith("_") or not is_plain_name(alias) or alias in self._taken:
            return False
        return not any(
            alias in (own if other == identity else others) for other, (own, others) in self._confusing.items()
        )

    def take(self, alias: str) -> None:
        self._taken.add(alias)

    def _unique(self, spec_name: str) -> str:
        if self._prefix is None:
            self._prefix = self._unused_prefix()
        alias = f"{self._prefix}{self._count}{re.sub('[^a-zA-Z]', '', spec_name)}"
        self._count += 1
        return alias

    def _unused_prefix(self) -> str:
        """The shortest text that no name begins with."""
        used = {name[:length] for name in self._names for length in range(1, len(name) + 1)}
        waiting = deque([""])
        while True:
            start = waiting.popleft()
            for char in _LATER if start else _FIRST:
                if start + char not in used:
                    return start + char
                waiting.append(start + char)
