"""@composeDirective: which custom directives of which linked specs go into the supergraph, and whether the subgraphs agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...specs.feature import apollo_identity
from ..error_codes import ErrorCode
from ..errors import print_subgraph_names
from ..hint_codes import HintCode
from ..schema import Directive, DirectiveDefinition, LinkedFeature
from ..schema.suggestions import did_you_mean, suggestions_for
from ..subgraph import Subgraph
from .report import Report

_OWN_IDENTITIES = frozenset(
    apollo_identity(name)
    for name in (
        "core",
        "join",
        "link",
        "tag",
        "inaccessible",
        "federation",
        "authenticated",
        "requiresScopes",
        "source",
        "context",
        "cost",
    )
)
_COMPOSED_BY_DEFAULT = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context")


@dataclass(frozen=True, slots=True)
class _Composed:
    """One accepted @composeDirective."""

    subgraph: Subgraph
    feature: LinkedFeature
    name_in_spec: str
    name: str
    application: Directive


@dataclass(slots=True)
class ComposedDirectives:
    """The outcome: per subgraph the names to compose, and per spec the feature to link."""

    names_by_subgraph: dict[str, set[str]] = field(default_factory=dict)
    features: dict[str, tuple[LinkedFeature, list[Subgraph]]] = field(default_factory=dict)
    """By identity: the newest version that is linked, and the subgraphs that link that version, last one first."""
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By name in the supergraph: identity of the spec, and name in the spec."""

    def composes(self, subgraph_name: str, directive: str) -> bool:
        return directive in self.names_by_subgraph.get(subgraph_name, ())

    def linked_features(self) -> list[tuple[LinkedFeature, list[tuple[str, str]]]]:
        """The features to link, each with its directives as (name in supergraph, name in spec)."""
        return [
            (feature, [(name, source[1]) for name, source in self.sources.items() if source[0] == identity])
            for identity, (feature, _) in self.features.items()
            if identity not in _OWN_IDENTITIES
        ]

    def definition(self, name: str, report: Report) -> DirectiveDefinition | None:
        """The definition of the newest version; an error when the subgraphs that link it do not define the directive."""
        identity, name_in_spec = self.sources[name]
        known = self.features.get(identity)
        if known is None:
            return None
        feature, subgraphs = known
        for subgraph in subgraphs:
            linked = subgraph.schema.features.by_identity(identity) if subgraph.schema.features else None
            definition = subgraph.schema.directive(linked.directive_name(name_in_spec)) if linked else None
            if definition is not None:
                return definition
        does = "does" if len(subgraphs) == 1 else "do"
        report.error(
            ErrorCode.DIRECTIVE_COMPOSITION_ERROR,
            f'Core feature "{identity}/{feature.url.version}" in {print_subgraph_names([known.name for known in subgraphs])}'
            f' {does} not have a directive definition for "@{name}"',
            feature.directive,
        )
        return None


def collect_composed_directives(subgraphs: tuple[Subgraph, ...], report: Report) -> ComposedDirectives:
    composed = [item for subgraph in subgraphs for item in _accepted(subgraph, subgraphs, report)]
    result = ComposedDirectives()
    for identity in _linked_identities(subgraphs):
        users = {item.subgraph.name for item in composed if item.feature.url.identity == identity}
        newest = _newest_version(identity, users, subgraphs, report)
        if newest is not None:
            result.features[identity] = newest
    refused = _inconsistent_names(composed, subgraphs, report)
    for item in composed:
        names = result.names_by_subgraph.setdefault(item.subgraph.name, set())
        if item.feature.url.identity in result.features and item.name not in refused:
            names.add(item.name)
        result.sources[item.name] = (item.feature.url.identity, item.name_in_spec)
    return result


def _accepted(subgraph: Subgraph, subgraphs: tuple[Subgraph, ...], report: Report) -> Iterable[_Composed]:
    for application in subgraph.metadata.applications("composeDirective"):
        argument = application.arguments.get("name")
        problem: str | None = None
        if not argument:
            problem = f'Argument to @composeDirective in subgraph "{subgraph.name}" cannot be NULL or an empty String'
        elif not argument.startswith("@"):
            problem = (
                f'Argument to @composeDirective "{argument}" in subgraph "{subgraph.name}" must have a leading "@"'
            )
        if problem is None and isinstance(argument, str):
            outcome = _accept(subgraph, subgraphs, application, argument[1:], report)
            if isinstance(outcome, _Composed):
                yield outcome
            problem = outcome if isinstance(outcome, str) else None
        if problem is not None:
            report.error(ErrorCode.DIRECTIVE_COMPOSITION_ERROR, problem, application)


def _accept(
    subgraph: Subgraph, subgraphs: tuple[Subgraph, ...], application: Directive, name: str, report: Report
) -> _Composed | str | None:
    """What is composed, or what is wrong; None when it goes without saying (a hint tells so)."""
    definition = subgraph.schema.directive(name)
    if definition is None:
        known = [f"@{known}" for known in subgraph.schema.directive_definitions]
        return (
            f'Could not find matching directive definition for argument to @composeDirective "@{name}" in subgraph'
            f' "{subgraph.name}".{did_you_mean(suggestions_for("@" + name, known))}'
        )
    where = f'Directive "@{name}" in subgraph "{subgraph.name}" cannot be composed because it'
    source = subgraph.schema.features.source_of(definition) if subgraph.schema.features else None
    if source is None:
        return f"{where} is not a member of a core feature"
    if source.name_in_spec is None:
        return f"{where} is imported to a different name"
    if source.feature.url.identity in _OWN_IDENTITIES:
        by_default = {subgraph.metadata.name_of(default) for default in _COMPOSED_BY_DEFAULT}
        if name not in by_default:
            return f'Composing federation directive "@{name}" in subgraph "{subgraph.name}" is not supported'
        report.hint(
            HintCode.DIRECTIVE_COMPOSITION_INFO,
            f'Directive "@{name}" should not be explicitly manually composed since it is a federation directive composed by'
            " default",
            definition,
            application,
        )
        return None
    for default in ("tag", "inaccessible"):
        conflicting = [other.name for other in subgraphs if other.metadata.name_of(default) == name]
        if conflicting:
            return (
                f'{where} conflicts with automatically composed federation directive "@{default}". Conflict exists in'
                f" subgraph(s): ({','.join(conflicting)})"
            )
    return _Composed(subgraph, source.feature, source.name_in_spec, name, application)


def _linked_identities(subgraphs: tuple[Subgraph, ...]) -> list[str]:
    features = (
        feature for subgraph in subgraphs if subgraph.schema.features for feature in subgraph.schema.features.all()
    )
    return list(dict.fromkeys(feature.url.identity for feature in features))


def _newest_version(
    identity: str, users: set[str], subgraphs: tuple[Subgraph, ...], report: Report
) -> tuple[LinkedFeature, list[Subgraph]] | None:
    """The newest version among the subgraphs that compose the spec, if their major versions agree."""
    linked = [
        (feature, subgraph)
        for subgraph in subgraphs
        if subgraph.schema.features and (feature := subgraph.schema.features.by_identity(identity))
    ]
    nodes = [feature.directive for feature, _ in linked]
    newest: LinkedFeature | None = None
    is_newest_composed = False
    is_hinted = False
    for feature, subgraph in linked:
        is_composed = subgraph.name in users
        if newest is None:
            newest, is_newest_composed = feature, is_composed
        elif newest.url.version.major != feature.url.version.major:
            if is_newest_composed and is_composed:
                message = (
                    f'Core feature "{identity}" requested to be merged has major version mismatch across subgraphs'
                )
                report.error(ErrorCode.DIRECTIVE_COMPOSITION_ERROR, message, *nodes)
                return None
            if not is_hinted:
                message = f'Non-composed core feature "{identity}" has major version mismatch across subgraphs'
                report.hint(HintCode.DIRECTIVE_COMPOSITION_INFO, message, None, *nodes)
                is_hinted = True
            if not is_newest_composed:
                newest, is_newest_composed = feature, is_composed
        elif is_newest_composed == is_composed:
            newest = newest if newest.url.version.minor > feature.url.version.minor else feature
        elif is_composed:
            newest, is_newest_composed = feature, True
    if newest is None or not is_newest_composed:
        return None
    same_version = [subgraph for feature, subgraph in linked if feature.url.version == newest.url.version]
    return newest, same_version[::-1]


def _inconsistent_names(composed: list[_Composed], subgraphs: tuple[Subgraph, ...], report: Report) -> set[str]:
    """Names that do not stand for the same directive everywhere, and directives that do not have the same name everywhere."""
    refused: set[str] = set()
    by_name: dict[str, list[_Composed]] = {}
    by_name_in_spec: dict[str, list[_Composed]] = {}
    for item in composed:
        by_name.setdefault(item.name, []).append(item)
        by_name_in_spec.setdefault(item.name_in_spec, []).append(item)
    for name, items in by_name.items():
        nodes = [item.application for item in items]
        if len({item.name_in_spec for item in items}) > 1:
            refused.add(name)
            message = f'Composed directive "@{name}" does not refer to the same directive in every subgraph'
            report.error(ErrorCode.DIRECTIVE_COMPOSITION_ERROR, message, *nodes)
        if len({item.feature.url.identity for item in items}) > 1:
            refused.add(name)
            message = f'Composed directive "@{name}" is not linked by the same core feature in every subgraph'
            report.error(ErrorCode.DIRECTIVE_COMPOSITION_ERROR, message, *nodes)
    for name_in_spec, items in by_name_in_spec.items():
        names = {item.name for item in items}
        if len(names) > 1:
            refused.update(names)
            who = " and ".join(f'"@{item.name}" in subgraph "{item.subgraph.name}"' for item in items)
            message = f"Composed directive is not named consistently in all subgraphs: it is {who}"
            report.error(ErrorCode.DIRECTIVE_COMPOSITION_ERROR, message, *(item.application for item in items))
        _hint_on_other_names(name_in_spec, items, subgraphs, report)
    return refused


def _hint_on_other_names(
    name_in_spec: str, items: list[_Composed], subgraphs: tuple[Subgraph, ...], report: Report
) -> None:
    composing = {item.subgraph.name for item in items}
    differing = []
    for subgraph in subgraphs:
        if subgraph.name in composing or subgraph.schema.features is None:
            continue
        feature = subgraph.schema.features.by_identity(items[0].feature.url.identity)
        imports = feature.imports if feature else ()
        imported = next((item for item in imports if item.name == "@" + name_in_spec), None)
        if feature is not None and imported is not None and imported.name_in_schema != "@" + items[0].name:
            differing.append(feature.directive)
    if differing:
        report.hint(
            HintCode.DIRECTIVE_COMPOSITION_WARN,
            f'Composed directive "@{name_in_spec}" is named differently in a subgraph that doesn\'t export it. Consistent naming'
            " will be required to export it.",
            None,
            *differing,
        )
