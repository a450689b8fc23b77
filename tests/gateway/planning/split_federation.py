"""Print what the subgraphs of a split world would hand to composition: SDL with the federation directives."""

from __future__ import annotations

from tests.gateway.planning.split_sdl import is_declared
from tests.gateway.planning.split_world import World, WorldField, WorldType

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", '
    '"@external", "@shareable", "@interfaceObject"])'
)


def federation_sdl(world: World, graph: str) -> str:
    """The SDL of one subgraph."""
    lines = [_LINK]
    for type_ in world.types.values():
        if type_.kind == "union":
            if graph in type_.members:
                lines.append(f"union {type_.name} = {' | '.join(type_.members[graph])}")
            continue
        if graph not in type_.keys and graph not in type_.members:
            continue
        lines += _type_lines(world, type_, graph)
    return "\n".join(lines) + "\n"


def _type_lines(world: World, type_: WorldType, graph: str) -> list[str]:
    fields = [
        f"  {one.line(graph)}{_directives(type_, one, graph)}"
        for one in type_.fields.values()
        if is_declared(world, type_, one, graph) and (type_.name not in ("Query", "Mutation") or graph in one.owners)
    ]
    if not fields:
        return []
    is_object = type_.interface_object_in == graph
    kind = "type" if is_object else type_.kind
    interfaces = [
        name for name in world.interfaces_of(type_.name, graph) if world.types[name].interface_object_in != graph
    ]
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    keys = "".join(f' @key(fields: "{key}")' for key in dict.fromkeys(type_.keys.get(graph, [])))
    return [f"{kind} {type_.name}{implements}{keys}{' @interfaceObject' if is_object else ''} {{", *fields, "}"]


def _directives(type_: WorldType, one: WorldField, graph: str) -> str:
    if type_.kind == "interface" and type_.interface_object_in != graph:
        return ""
    if graph not in one.owners:
        return " @external"
    text = " @shareable" if len(one.owners) > 1 or one.is_provided else ""
    if graph in one.requires:
        escaped = one.requires[graph].replace('"', '\\"')
        text += f' @requires(fields: "{escaped}")'
    if graph in one.provides:
        text += f' @provides(fields: "{one.provides[graph]}")'
    return text
