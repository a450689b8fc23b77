"""Read one @link: its URL, alias and imports, checked against the spec where that is known."""

from __future__ import annotations

import re

from ...specs import FeatureUrl, InvalidFeatureUrl, find_spec
from ...specs.feature import ConstValue
from ...specs.link import CORE_IDENTITY, LINK_DIRECTIVE, LINK_IDENTITY
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, invalid
from .elements import Directive
from .features import Import, LinkedFeature
from .schema import Schema
from .suggestions import did_you_mean, suggestions_for
from .values import print_value

_IMPORT_NAME = re.compile(r"@?[_A-Za-z][_0-9A-Za-z]*")


def read_link(directive: Directive, url: FeatureUrl) -> LinkedFeature:
    """Raises InvalidSchema when an import is malformed or the spec has no such element."""
    alias = directive.arguments.get("as")
    return LinkedFeature(url, alias if isinstance(alias, str) else url.name, read_imports(directive, url), directive)


def link_url(directive: Directive, argument: str = "url") -> FeatureUrl:
    given = directive.arguments.get(argument)
    try:
        if not isinstance(given, str):
            raise InvalidFeatureUrl(f"Missing or invalid feature url in {directive}")
        return FeatureUrl.parse(given)
    except InvalidFeatureUrl as problem:
        raise invalid(ErrorCode.INVALID_LINK_IDENTIFIER, str(problem), directive) from problem


def links_itself(schema: Schema, directive: Directive) -> bool:
    """Whether this @link is the one that links the link spec, so that all others count."""
    definition = schema.directive(directive.name)
    if definition is None or not definition.is_repeatable or definition.locations != ("SCHEMA",):
        return False
    alias = definition.arguments.get("as")
    if alias is not None and alias.type != "String":
        return False
    url_argument = definition.arguments.get("url") or definition.arguments.get("feature")
    if url_argument is None or url_argument.type not in ("String", "String!"):
        return False
    url = FeatureUrl.maybe_parse(directive.arguments.get(url_argument.name))
    if url is None:
        return False
    given = directive.arguments.get("as")
    if url.identity == CORE_IDENTITY:
        return directive.name == (given if given is not None else "core")
    return url.identity == LINK_IDENTITY and directive.name == (given if given is not None else LINK_DIRECTIVE)


def read_imports(directive: Directive, url: FeatureUrl) -> tuple[Import, ...]:
    given = directive.arguments.get("import")
    if not given:
        return ()
    spec = find_spec(url)
    known = spec.element_names() if spec else None
    imports: list[Import] = []
    errors: list[CompositionError] = []
    for entry in given if isinstance(given, list) else [given]:
        try:
            item = _read_import(entry)
            imports.append(item)
            _check_renaming(item)
        except _InvalidImport as problem:
            errors.append(error(ErrorCode.INVALID_LINK_DIRECTIVE_USAGE, str(problem), directive))
            if problem.stops:
                continue
        if known is not None and imports and imports[-1].name not in known:
            errors.append(
                error(ErrorCode.INVALID_LINK_DIRECTIVE_USAGE, _describe_unknown(imports[-1].name, known), directive)
            )
    if errors:
        raise InvalidSchema(errors)
    return tuple(imports)


class _InvalidImport(ValueError):
    def __init__(self, message: str, *, stops: bool = True) -> None:
        super().__init__(message)
        self.stops = stops


def _read_import(entry: ConstValue) -> Import:
    if isinstance(entry, str):
        return Import(entry)
    printed = print_value(entry)
    if not isinstance(entry, dict):
        raise _InvalidImport(
            f"Invalid sub-value {printed} for @link(import:) argument: values should be either strings or input object values"
            ' of the form { name: "<importedElement>", as: "<alias>" }.'
        )
    for key, value in entry.items():
        if key not in ("name", "as"):
            raise _InvalidImport(f'Unknown field "{key}" for sub-value {printed} of @link(import:) argument.')
        prefix = f'Invalid value for the "{key}" field for sub-value {printed} of @link(import:) argument:'
        if not isinstance(value, str):
            raise _InvalidImport(f"{prefix} must be a string.")
        if not _IMPORT_NAME.fullmatch(value):
            raise _InvalidImport(f"{prefix} must use a GraphQL name.")
    if not entry.get("name"):
        raise _InvalidImport(
            f'Invalid sub-value {printed} for @link(import:) argument: missing mandatory "name" field.'
        )
    return Import(entry["name"], entry.get("as"))


def _check_renaming(item: Import) -> None:
    if not item.alias:
        return
    if item.is_directive and not item.alias.startswith("@"):
        raise _InvalidImport(
            f"Invalid @link import renaming: directive \"{item.name}\" imported name should start with a '@' character, but got"
            f' "{item.alias}".',
            stops=False,
        )
    if not item.is_directive and item.alias.startswith("@"):
        raise _InvalidImport(
            f"Invalid @link import renaming: type \"{item.name}\" imported name should not start with a '@' character, but got"
            f" \"{item.alias}\" (or, if @{item.name} is a directive, then it should be referred to with a '@').",
            stops=False,
        )


def _describe_unknown(name: str, known: list[str]) -> str:
    if not name.startswith("@") and f"@{name}" in known:
        return f'Cannot import unknown element "{name}". Did you mean directive "@{name}"?'
    return f'Cannot import unknown element "{name}".{did_you_mean(suggestions_for(name, known))}'
