"""@join__directive: applications that the supergraph does not take over, but keeps for whoever splits it up again."""

from __future__ import annotations

from collections.abc import Mapping

from ...specs import FeatureSpec, FeatureUrl, find_spec
from ...specs.connect import CONNECT_IDENTITY, CONNECT_VERSIONS
from ...specs.feature import ConstValue
from ...specs.join import DIRECTIVE
from ...specs.link import LINK_DIRECTIVE, LINK_IDENTITY
from ..schema import Directive, Element
from ..schema.features import directive_name_in_schema
from ..schema.values import same_value
from .sources import present
from .state import Merge


def add_join_directives(state: Merge, sources: Mapping[int, Element | None], destination: Element) -> None:
    kept: dict[str, list[tuple[list[str], dict[str, ConstValue]]]] = {}
    links: list[FeatureSpec] = []
    for index, source in present(dict(sources)):
        for directive in source.directives:
            name = _name_to_keep(state, directive, links)
            if name is None:
                continue
            known = kept.setdefault(name, [])
            graphs = next((graphs for graphs, arguments in known if same_value(arguments, directive.arguments)), None)
            if graphs is None:
                known.append(([state.graph_values[index]], directive.arguments))
            else:
                graphs.append(state.graph_values[index])
    _link_connect(links, destination)
    for name, applications in kept.items():
        for graphs, arguments in applications:
            destination.apply(DIRECTIVE, {"graphs": graphs, "name": name, "args": arguments})


def _name_to_keep(state: Merge, directive: Directive, links: list[FeatureSpec]) -> str | None:
    """The name under which an application is kept; None when it is not."""
    features = directive.parent.schema.features
    source = features.source_of(directive) if features else None
    if source is not None and source.name_in_spec is not None and source.feature.url.identity == LINK_IDENTITY:
        url = FeatureUrl.maybe_parse(directive.arguments.get("url"))
        if url is None or url.identity != CONNECT_IDENTITY:
            return None
        spec = find_spec(url)
        if spec is not None:
            links.append(spec)
        return directive.name
    if source is not None and source.feature.url.identity == CONNECT_IDENTITY:
        return directive.name
    if directive.name not in state.join_directives:
        return None
    if source is None or source.name_in_spec is None:
        return directive.name
    # Without the subgraph's imports, only the full name says what it is.
    url = source.feature.url
    return directive_name_in_schema(url, url.name, (), source.name_in_spec)


def _link_connect(links: list[FeatureSpec], destination: Element) -> None:
    """The newest version of the spec that is not a preview, unless a subgraph links a newer one."""
    if not links:
        return
    newest = max([CONNECT_VERSIONS.latest_stable(), *links], key=lambda spec: spec.url.version)
    arguments: dict[str, ConstValue] = {"url": str(newest.url)}
    if newest.purpose:
        arguments["for"] = newest.purpose.value
    destination.apply(LINK_DIRECTIVE, arguments)
