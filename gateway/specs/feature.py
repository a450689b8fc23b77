"""What a spec is: a URL with a version, and the directives and types it brings into a schema that links it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

ConstValue: TypeAlias = Any
"""A GraphQL constant as Python holds it: None, bool, int, float, str (also an enum value), list or dict."""

_VERSION = re.compile(r"v(\d+)\.(\d+)")


class InvalidFeatureUrl(ValueError):
    """Raised when the URL of a @link does not name a spec and its version."""


class FeatureVersion(NamedTuple):
    """A spec's version; ordered by major, then minor."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> FeatureVersion:
        match = _VERSION.fullmatch(text)
        if match is None:
            raise InvalidFeatureUrl(f"Expected a version string (of the form v1.2), got {text}")
        return cls(int(match[1]), int(match[2]))

    def satisfies(self, required: FeatureVersion) -> bool:
        """Whether what was written for `required` works with this version: same major, and before 1.0 the same minor too."""
        if self.major != required.major:
            return False
        return self.minor == required.minor if self.major == 0 else self.minor >= required.minor

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class FeatureUrl:
    """The URL of a spec, `https://specs.apollo.dev/federation/v2.3`: identity without the version, name, version."""

    identity: str
    name: str
    version: FeatureVersion

    @classmethod
    def parse(cls, text: str) -> FeatureUrl:
        try:
            parts = urlsplit(text.strip())
        except ValueError as error:
            raise InvalidFeatureUrl(f"Invalid feature url '{text}'") from error
        if not parts.scheme or not (parts.netloc or parts.path):
            raise InvalidFeatureUrl(f"Invalid feature url '{text}'")
        if parts.path in ("", "/"):
            raise InvalidFeatureUrl(f"Missing path in feature url '{text}'")
        *path, version_text = parts.path.split("/")
        if not version_text:
            raise InvalidFeatureUrl(f"Missing version component in feature url '{text}'")
        version = FeatureVersion.parse(version_text)
        name = path[-1] if path else ""
        if not name:
            raise InvalidFeatureUrl(f"Missing feature name component in feature url '{text}'")
        host = parts.netloc.rpartition("@")[2].lower()
        separator = "//" if parts.netloc else ""
        return cls(f"{parts.scheme.lower()}:{separator}{host}{'/'.join(path)}", name, version)

    @classmethod
    def maybe_parse(cls, text: object) -> FeatureUrl | None:
        try:
            return cls.parse(text) if isinstance(text, str) else None
        except InvalidFeatureUrl:
            return None

    def __str__(self) -> str:
        return f"{self.identity}/{self.version}"


class MergeStrategy(StrEnum):
    """How the values of one argument are merged when subgraphs apply a non-repeatable directive differently."""

    MAX = "MAX"
    NULLABLE_MAX = "NULLABLE_MAX"
    NULLABLE_UNION = "NULLABLE_UNION"
    NULLABLE_AND = "NULLABLE_AND"
    DNF_CONJUNCTION = "DNF_CONJUNCTION"


class Purpose(StrEnum):
    """What a linked feature is needed for, the `for:` of its @link."""

    SECURITY = "SECURITY"
    EXECUTION = "EXECUTION"


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """An argument or input field; `{Name}` in `type` stands for the name the spec's own type has in the schema."""

    name: str
    type: str
    default: ConstValue = ...
    strategy: MergeStrategy | None = None


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """A directive of a spec. `supergraph_versions` is set when its applications compose: the spec that the supergraph links then."""

    name: str
    locations: tuple[str, ...]
    arguments: tuple[ArgumentSpec, ...] = ()
    repeatable: bool = False
    supergraph_versions: Callable[[], SpecVersions] | None = None
    uses_join_directive: bool = False


@dataclass(frozen=True, slots=True)
class ScalarSpec:
    name: str


@dataclass(frozen=True, slots=True)
class EnumSpec:
    name: str
    values: tuple[tuple[str, str], ...]
    """Pairs of value and description."""


@dataclass(frozen=True, slots=True)
class InputObjectSpec:
    name: str
    fields: tuple[ArgumentSpec, ...]


TypeSpec: TypeAlias = ScalarSpec | EnumSpec | InputObjectSpec


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """One version of a spec."""

    url: FeatureUrl
    directives: dict[str, DirectiveSpec] = field(default_factory=dict)
    types: dict[str, TypeSpec] = field(default_factory=dict)
    minimum_federation_version: FeatureVersion | None = None
    purpose: Purpose | None = None

    def element_names(self) -> list[str]:
        """What can be imported: directives with their @, then types."""
        return [f"@{name}" for name in self.directives] + list(self.types)


class SpecVersions:
    """The known versions of one spec, newest first."""

    def __init__(self, identity: str, specs: Iterable[FeatureSpec], *, previews: Iterable[FeatureVersion] = ()) -> None:
        self.identity = identity
        self._specs = sorted(specs, key=lambda spec: spec.url.version, reverse=True)
        self._previews = frozenset(previews)

    def find(self, version: FeatureVersion) -> FeatureSpec | None:
        return next((spec for spec in self._specs if spec.url.version == version), None)

    def latest(self) -> FeatureSpec:
        return self._specs[0]

    def latest_stable(self) -> FeatureSpec:
        """The newest version that is not a preview."""
        return next((spec for spec in self._specs if spec.url.version not in self._previews), self._specs[0])

    def minimum_required(self, federation_version: FeatureVersion) -> FeatureSpec:
        """The newest version that a supergraph of this federation version may link."""
        for spec in self._specs:
            minimum = spec.minimum_federation_version
            if minimum is None or federation_version >= minimum:
                return spec
        return self._specs[-1]


def apollo_url(name: str, major: int, minor: int) -> FeatureUrl:
    return FeatureUrl(apollo_identity(name), name, FeatureVersion(major, minor))


def apollo_identity(name: str) -> str:
    return f"https://specs.apollo.dev/{name}"


def by_name(*elements: Any) -> dict[str, Any]:
    return {element.name: element for element in elements}
