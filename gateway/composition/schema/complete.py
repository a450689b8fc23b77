"""Complete a subgraph's schema: apply its @links, and add what they (or federation 1) define but the SDL leaves out."""

from __future__ import annotations

from graphql import Node

from ...specs import FeatureSpec
from ...specs.feature import ConstValue
from ...specs.federation import (
    ALL_DIRECTIVE_NAMES,
    FEDERATION_1_DIRECTIVES,
    FEDERATION_1_TYPES,
    FEDERATION_IDENTITY,
    FEDERATION_VERSIONS,
)
from ...specs.join import JOIN_IDENTITY
from ...specs.link import CORE_VERSIONS, LINK_DIRECTIVE, LINK_IDENTITY, LINK_VERSIONS
from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, invalid
from .elements import Directive, Extension
from .features import LinkedFeature, LinkedFeatures
from .links import link_url, links_itself, read_imports, read_link
from .schema import Schema
from .spec_elements import add_directive, add_spec, add_type
from .suggestions import did_you_mean, suggestions_for

LINK_SPEC = LINK_VERSIONS.latest()


def apply_to_schema(
    schema: Schema,
    name: str,
    arguments: dict[str, ConstValue],
    node: Node | None = None,
    extension: Extension | None = None,
    *,
    first: bool = False,
) -> Directive:
    """Apply a directive to the schema itself; when it is a @link, its feature is linked. Raises InvalidSchema."""
    directive = Directive(name, arguments, schema, node, extension)
    if schema.directive(name) is None:
        if name == LINK_DIRECTIVE:
            _define_link_for(schema, directive)
        if schema.directive(name) is None:
            raise unknown_directive(schema, name)
    schema.directives.insert(0 if first else len(schema.directives), directive)
    schema.applications.setdefault(name, []).append(directive)
    if links_itself(schema, directive):
        if schema.features is not None:
            raise invalid(
                ErrorCode.INVALID_LINK_DIRECTIVE_USAGE, "Invalid duplicate application of @core/@link", directive
            )
        _start_linking(schema, directive)
    elif schema.features is not None:
        _link(schema, directive)
    return directive


def unknown_directive(schema: Schema, name: str) -> InvalidSchema:
    message = f'Unknown directive "@{name}".'
    suggestions = suggestions_for(name, [known.name for known in schema.all_directives()])
    if suggestions:
        message += did_you_mean([f"@{suggestion}" for suggestion in suggestions])
    elif (federation := federation_feature(schema)) is not None:
        if name in ALL_DIRECTIVE_NAMES:
            message += _how_to_name(federation, name)
    elif name in ALL_DIRECTIVE_NAMES:
        message += (
            f' If you meant the "@{name}" federation 2 directive, note that this schema is a federation 1 schema.'
            " To be a federation 2 schema, it needs to @link to the federation specifcation v2."
        )
    return invalid(ErrorCode.INVALID_GRAPHQL, message)


def _how_to_name(federation: LinkedFeature, name: str) -> str:
    in_schema = federation.directive_name(name)
    meant = f' If you meant the "@{name}" federation directive, you should use'
    if in_schema.startswith(federation.alias + "__"):
        return (
            f'{meant} fully-qualified name "@{in_schema}" or add "@{name}" to the `import` argument of the @link to the'
            " federation specification."
        )
    return f'{meant} "@{in_schema}" as it is imported under that name in the @link to the federation specification of this schema.'


def federation_feature(schema: Schema) -> LinkedFeature | None:
    return schema.features.by_identity(FEDERATION_IDENTITY) if schema.features else None


def complete_subgraph(schema: Schema) -> list[CompositionError]:
    """Link the link spec if federation is linked without it, then add the elements of every known spec."""
    if schema.features is None and any(_links_federation(directive) for directive in schema.applied(LINK_DIRECTIVE)):
        errors = add_link(schema)
        if errors:
            return errors
    feature = federation_feature(schema)
    return _complete_federation_1(schema) if feature is None else _complete_federation_2(schema, feature)


def add_link(schema: Schema, alias: str | None = None) -> list[CompositionError]:
    """Make a schema one that links specs, with `@link(url: ".../link/v1.0")` in front."""
    errors = _define_link(schema, LinkedFeature(LINK_SPEC.url, alias or LINK_DIRECTIVE))
    if errors:
        return errors
    arguments: dict[str, ConstValue] = {"url": str(LINK_SPEC.url)}
    if alias:
        arguments["as"] = alias
    is_only_extended = bool(schema.extensions) and not _has_definition(schema)
    extension = schema.extensions[0] if is_only_extended else None
    apply_to_schema(schema, alias or LINK_DIRECTIVE, arguments, extension=extension, first=True)
    return []


def _has_definition(schema: Schema) -> bool:
    return (
        schema.is_defined
        or any(directive.extension is None for directive in schema.directives)
        or any(root.extension is None for root in schema.roots.values())
    )


def _links_federation(directive: Directive) -> bool:
    url = directive.arguments.get("url")
    return isinstance(url, str) and url.startswith(FEDERATION_IDENTITY)


def _define_link_for(schema: Schema, directive: Directive) -> None:
    """A @link that nobody defined: define it, under its alias if it is the one of the link spec itself."""
    url = directive.arguments.get("url")
    feature = LinkedFeature(LINK_SPEC.url, LINK_DIRECTIVE)
    if isinstance(url, str) and url.startswith(LINK_IDENTITY):
        alias = directive.arguments.get("as")
        imports = read_imports(directive, LINK_SPEC.url)
        feature = LinkedFeature(LINK_SPEC.url, alias if isinstance(alias, str) else LINK_DIRECTIVE, imports)
    errors = _define_link(schema, feature)
    if errors:
        raise InvalidSchema(errors)


def _define_link(schema: Schema, feature: LinkedFeature) -> list[CompositionError]:
    if schema.features is not None:
        core = schema.features.link
        if core.url.identity == LINK_IDENTITY:
            return []
        message = f"Cannot add feature {feature.url} to the schema, it already uses {core.url}"
        return [error(ErrorCode.INVALID_LINK_DIRECTIVE_USAGE, message)]
    errors: list[CompositionError] = []
    for type_ in LINK_SPEC.types.values():
        errors += add_type(schema, type_, feature.type_name)
    link = LINK_SPEC.directives[LINK_DIRECTIVE]
    return errors + add_directive(schema, link, feature.directive_name(LINK_DIRECTIVE), feature.type_name)


def _start_linking(schema: Schema, directive: Directive) -> None:
    definition = schema.directive(directive.name)
    argument = "url" if definition is not None and "url" in definition.arguments else "feature"
    url = link_url(directive, argument)
    feature = read_link(directive, url)
    features = LinkedFeatures(feature)
    if (CORE_VERSIONS if url.name == "core" else LINK_VERSIONS).find(url.version) is None:
        raise invalid(
            ErrorCode.UNKNOWN_LINK_VERSION,
            f"Schema uses unknown version {url.version} of the {url.name} spec",
            directive,
        )
    schema.features = features
    for other in list(schema.directives):
        if other is not directive:
            _link(schema, other)


def _link(schema: Schema, directive: Directive) -> None:
    features = schema.features
    if features is None or directive.name != features.link.alias:
        return
    url = link_url(directive, "feature" if features.link.url.name == "core" else "url")
    feature = read_link(directive, url)
    features.add(feature)
    if url.identity == FEDERATION_IDENTITY:
        spec = FEDERATION_VERSIONS.find(url.version)
        if spec:
            # What is wrong with definitions that are already there is told when the schema is completed.
            add_spec(schema, spec, feature)


def _complete_federation_1(schema: Schema) -> list[CompositionError]:
    _drop_known_wrong_definitions(schema)
    errors: list[CompositionError] = []
    for type_ in FEDERATION_1_TYPES:
        errors += add_type(schema, type_, federation_1_type_name)
    for directive in FEDERATION_1_DIRECTIVES:
        errors += add_directive(schema, directive, directive.name, federation_1_type_name)
    return errors or _expand_known_features(schema)


def federation_1_type_name(name: str) -> str:
    """Federation 1 had no prefixes but an underscore: `_FieldSet`."""
    return "_" + name


def _drop_known_wrong_definitions(schema: Schema) -> None:
    """Federation 1 accepted definitions that are wrong in ways seen in the wild; without them, the right ones are added."""
    for name in ("key", "provides", "requires"):
        definition = schema.directive_definitions.get(name)
        if definition is None:
            continue
        fields = definition.arguments.get("fields")
        is_wrong = (
            fields is not None and len(definition.arguments) == 1 and fields.type in ("String", "_FieldSet", "FieldSet")
        )
        if not definition.arguments or is_wrong:
            schema.remove_directive_definition(definition)


def _complete_federation_2(schema: Schema, feature: LinkedFeature) -> list[CompositionError]:
    spec: FeatureSpec | None = FEDERATION_VERSIONS.find(feature.url.version)
    if spec is None:
        message = f"Invalid version {feature.url.version} for the federation feature in @link directive on schema"
        return [error(ErrorCode.UNKNOWN_FEDERATION_LINK_VERSION, message, feature.directive)]
    return add_spec(schema, spec, feature) or _expand_known_features(schema)


def _expand_known_features(schema: Schema) -> list[CompositionError]:
    errors: list[CompositionError] = []
    if schema.features is None:
        return errors
    for feature in schema.features.all():
        if feature is schema.features.link or feature.url.identity in (FEDERATION_IDENTITY, JOIN_IDENTITY):
            continue
        spec = feature.spec
        # The link spec has no elements but @link itself, which is there already.
        if spec is not None and feature.url.identity != LINK_IDENTITY:
            errors += add_spec(schema, spec, feature)
    return errors
