"""Begin the supergraph: link the specs it needs, name the subgraphs, and settle which directives go into it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...specs import DirectiveSpec, FeatureSpec, FeatureUrl, find_spec
from ...specs.authenticated import AUTHENTICATED_IDENTITY
from ...specs.context import CONTEXT_IDENTITY
from ...specs.feature import FeatureVersion
from ...specs.inaccessible import INACCESSIBLE_IDENTITY
from ...specs.join import GRAPH, GRAPH_ENUM, JOIN_VERSIONS, graph_enum_values
from ...specs.link import LINK_DIRECTIVE
from ...specs.policy import POLICY_IDENTITY
from ...specs.requires_scopes import REQUIRES_SCOPES_IDENTITY
from ..error_codes import ErrorCode
from ..errors import InvalidSchema
from ..metadata import OPERATION_TYPES
from ..schema import DirectiveDefinition, LinkedFeature, Schema
from ..schema.complete import add_link, apply_to_schema
from ..schema.features import Import, directive_name_in_schema
from ..schema.spec_elements import add_spec
from ..subgraph import Subgraph
from .aliases import Aliases, ImportingFeature
from .composed_directives import ComposedDirectives, collect_composed_directives
from .federation_version import newest_federation_version
from .report import Report
from .state import Merge, MergedSpecDirective

_ACCESS_CONTROL = {
    AUTHENTICATED_IDENTITY: "authenticated",
    REQUIRES_SCOPES_IDENTITY: "requiresScopes",
    POLICY_IDENTITY: "policy",
}


@dataclass(slots=True)
class _SpecToLink:
    """A spec of Apollo's that the supergraph links, because subgraphs use directives that compose into it."""

    spec: FeatureSpec
    directives: list[tuple[str, str, DirectiveSpec]] = field(default_factory=list)
    """(name in the spec, name in the supergraph, what it is)"""

    def imports(self, alias: str) -> list[Import]:
        """What must be imported because its name is not the one that the alias would give."""
        return [
            Import(f"@{name}", None if name == in_supergraph else f"@{in_supergraph}")
            for name, in_supergraph, directive in self.directives
            if not directive.uses_join_directive
            and in_supergraph != directive_name_in_schema(self.spec.url, alias, (), name)
        ]


def prepare_supergraph(subgraphs: tuple[Subgraph, ...], report: Report) -> Merge:
    """The state that merging starts from; when `report` has errors, it is not to be used."""
    version = newest_federation_version(subgraphs, report)
    supergraph = Schema()
    join = JOIN_VERSIONS.minimum_required(version)
    add_link(supergraph)
    _link_spec(supergraph, join, None, [])
    specs = _specs_to_link(subgraphs, version, report)
    composed = collect_composed_directives(subgraphs, report)
    graph_values = graph_enum_values([subgraph.name for subgraph in subgraphs])
    merge = Merge(subgraphs, report, supergraph, version, composed, [graph_values[known.name] for known in subgraphs])
    aliases = _aliases(merge, specs)
    for to_link in specs:
        _link_and_register(merge, to_link, aliases.choose(to_link.spec.url))
    for subgraph in subgraphs:
        value = supergraph.types[GRAPH_ENUM].add_value(graph_values[subgraph.name])
        value.apply(GRAPH, {"name": subgraph.name, "url": subgraph.url})
    if not report.errors:
        _link_composed_features(merge, aliases)
    return merge


def _link_spec(supergraph: Schema, spec: FeatureSpec, alias: str | None, imports: list[Import]) -> LinkedFeature:
    arguments: dict[str, object] = {"url": str(spec.url)}
    if alias:
        arguments["as"] = alias
    if spec.purpose:
        arguments["for"] = spec.purpose.value
    if imports:
        arguments["import"] = [
            item.name if item.alias is None else {"name": item.name, "as": item.alias} for item in imports
        ]
    apply_to_schema(supergraph, LINK_DIRECTIVE, arguments)
    assert supergraph.features is not None
    feature = supergraph.features.by_identity(spec.url.identity)
    assert feature is not None
    errors = add_spec(supergraph, spec, feature)
    if errors:
        raise InvalidSchema(errors)
    return feature


@dataclass(slots=True)
class _UsedDirective:
    """A directive of a spec and where it is applied."""

    url: FeatureUrl
    name: str
    definitions: dict[int, DirectiveDefinition] = field(default_factory=dict)


def _used_spec_directives(subgraphs: tuple[Subgraph, ...]) -> list[_UsedDirective]:
    used: dict[tuple[str, str, int], _UsedDirective] = {}
    for index, subgraph in enumerate(subgraphs):
        if subgraph.schema.features is None:
            continue
        for definition in subgraph.schema.directive_definitions.values():
            if not subgraph.schema.applications.get(definition.name):
                continue
            source = subgraph.schema.features.source_of(definition)
            if source is None or source.name_in_spec is None:
                continue
            url = source.feature.url
            # Before 1.0, every minor version is incompatible with the others.
            series = url.version.major or -url.version.minor
            known = used.setdefault(
                (source.name_in_spec, url.identity, series), _UsedDirective(url, source.name_in_spec)
            )
            known.url = max(known.url, url, key=lambda item: item.version)
            known.definitions[index] = definition
    return list(used.values())


def _specs_to_link(subgraphs: tuple[Subgraph, ...], version: FeatureVersion, report: Report) -> list[_SpecToLink]:
    specs: dict[str, _SpecToLink] = {}
    for used in _used_spec_directives(subgraphs):
        known = find_spec(used.url)
        directive = known.directives.get(used.name) if known else None
        if directive is None or directive.supergraph_versions is None:
            continue
        names = {definition.name for definition in used.definitions.values()}
        if len(names) > 1:
            report.mismatch_error(
                ErrorCode.LINK_IMPORT_NAME_MISMATCH,
                f'The "@{used.name}" directive (from {used.url}) is imported with mismatched name between subgraphs: it is'
                " imported as ",
                dict(used.definitions),
                lambda definition: f'"@{definition.name}"',
                f'"@{next(iter(used.definitions.values())).name}"',
                # No SDL spells out what @link brings in: its first use says where the name comes from.
                *(definition.schema.applications[definition.name][0] for definition in used.definitions.values()),
            )
            return list(specs.values())
        spec = directive.supergraph_versions().minimum_required(version)
        specs.setdefault(spec.url.identity, _SpecToLink(spec)).directives.append((used.name, names.pop(), directive))
    return list(specs.values())


def _aliases(merge: Merge, specs: list[_SpecToLink]) -> Aliases:
    features = merge.supergraph.features
    assert features is not None
    linked = [ImportingFeature(feature.url, feature.imports) for feature in features.all()]
    linked += [
        ImportingFeature(
            to_link.spec.url, tuple(Import("@" + name, "@" + alias) for name, alias, _ in to_link.directives)
        )
        for to_link in specs
    ]
    linked += [
        ImportingFeature(feature.url, tuple(Import("@" + name, "@" + alias) for alias, name in directives))
        for feature, directives in merge.composed.linked_features()
    ]
    schemas = [merge.supergraph, *(subgraph.schema for subgraph in merge.subgraphs)]
    names = {name for schema in schemas for name in (*schema.types, *schema.directive_definitions)}
    aliases = Aliases(linked, (name for name in names if name not in OPERATION_TYPES and not name.startswith("__")))
    for feature in features.all():
        aliases.take(feature.alias)
    return aliases


def _link_and_register(merge: Merge, to_link: _SpecToLink, alias: str) -> None:
    spec = to_link.spec
    try:
        _link_spec(merge.supergraph, spec, None if alias == spec.url.name else alias, to_link.imports(alias))
    except InvalidSchema as problem:
        merge.report.errors.extend(problem.errors)
        return
    for name, in_supergraph, directive in to_link.directives:
        strategies = {argument.name: argument.strategy for argument in directive.arguments if argument.strategy}
        identity = spec.url.identity
        merge.spec_directives[in_supergraph] = MergedSpecDirective(
            name, identity, strategies, has_context_name=identity == CONTEXT_IDENTITY
        )
        if directive.uses_join_directive:
            merge.join_directives.add(in_supergraph)
        if name == spec.url.name:
            if identity == INACCESSIBLE_IDENTITY:
                merge.inaccessible = in_supergraph
            elif identity in _ACCESS_CONTROL:
                merge.access_control[_ACCESS_CONTROL[identity]] = in_supergraph


def _link_composed_features(merge: Merge, aliases: Aliases) -> None:
    composed: ComposedDirectives = merge.composed
    for feature, directives in composed.linked_features():
        alias = aliases.choose(feature.url)
        arguments: dict[str, object] = {"url": str(feature.url)}
        if alias != feature.url.name:
            arguments["as"] = alias
        arguments["import"] = [
            f"@{name}" if name == name_in_spec else {"name": f"@{name_in_spec}", "as": f"@{name}"}
            for name, name_in_spec in directives
        ]
        try:
            apply_to_schema(merge.supergraph, LINK_DIRECTIVE, arguments)
        except InvalidSchema as problem:
            merge.report.errors.extend(problem.errors)
