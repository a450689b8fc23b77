"""Print a split world: as a supergraph, and as the schema that one of its subgraphs executes."""

from __future__ import annotations

from tests.gateway.planning.split_world import World, WorldField, WorldType


def supergraph_sdl(world: World) -> str:
    """The supergraph, with the join directives of v0.5."""
    lines = [
        'schema @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) { query: Query mutation: Mutation }'
    ]
    lines.append("enum join__Graph {")
    lines += [
        f'  {graph} @join__graph(name: "{graph.lower()}", url: "http://{graph.lower()}")' for graph in world.graphs
    ]
    lines.append("}")
    for type_ in world.types.values():
        lines += _supergraph_type(world, type_)
    return "\n".join(lines) + "\n"


def _supergraph_type(world: World, type_: WorldType) -> list[str]:
    joins = []
    graphs = type_.members if type_.kind == "union" else {**type_.members, **type_.keys}
    for graph in graphs:
        keys = type_.keys.get(graph) or [""]
        is_object = type_.interface_object_in == graph
        for key in keys:
            arguments = f"graph: {graph}" + (f', key: "{key}"' if key else "")
            joins.append(f"  @join__type({arguments}{', isInterfaceObject: true' if is_object else ''})")
    if type_.kind == "union":
        joins += [
            f'  @join__unionMember(graph: {g}, member: "{name}")'
            for g, names in type_.members.items()
            for name in names
        ]
        return [f"union {type_.name}", *joins, "  = " + " | ".join(type_.all_members())]
    interfaces = world.interfaces_of(type_.name)
    for interface in interfaces:
        for graph in world.types[interface].members:
            if type_.name in world.types[interface].members[graph]:
                joins.append(f'  @join__implements(graph: {graph}, interface: "{interface}")')
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    lines = [f"{type_.kind} {type_.name}{implements}", *joins, "{"]
    for one in type_.fields.values():
        lines.append(f"  {one.line()} {' '.join(_join_fields(world, type_, one))}")
    return [*lines, "}"]


def _join_fields(world: World, type_: WorldType, one: WorldField) -> list[str]:
    if one.is_from_interface_object:
        return ["@join__field"]
    if type_.kind == "interface" and type_.interface_object_in is None:
        graphs = [graph for graph in type_.members if _interface_declares(world, type_, one, graph)]
        return [f"@join__field(graph: {graph})" for graph in graphs] or ["@join__field"]
    joins = []
    for graph in one.owners:
        arguments = f"graph: {graph}"
        if one.type_text(graph) != one.type_text():
            arguments += f', type: "{one.type_text(graph)}"'
        if graph in one.requires:
            arguments += f', requires: "{one.requires[graph]}"'
        if graph in one.provides:
            arguments += f', provides: "{one.provides[graph]}"'
        joins.append(f"@join__field({arguments})")
    joins += [
        f"@join__field(graph: {graph}, external: true)" for graph in sorted(one.external_in) if graph not in one.owners
    ]
    return joins


def _interface_declares(world: World, interface: WorldType, one: WorldField, graph: str) -> bool:
    return all(graph in world.types[name].fields[one.name].owners for name in interface.members[graph])


def subgraph_sdl(world: World, graph: str) -> str:
    """What one subgraph executes: its own fields, and the external ones (which fail unless they are provided)."""
    lines = ["scalar _Any"]
    entities = []
    for type_ in world.types.values():
        if type_.kind == "union":
            if graph in type_.members:
                lines.append(f"union {type_.name} = {' | '.join(type_.members[graph])}")
            continue
        if graph not in type_.keys and graph not in type_.members:
            continue
        is_object = type_.kind == "type" or type_.interface_object_in == graph
        fields = [one.line(graph) for one in type_.fields.values() if is_declared(world, type_, one, graph)]
        if type_.name in ("Query", "Mutation"):
            continue
        interfaces = [
            name for name in world.interfaces_of(type_.name, graph) if world.types[name].interface_object_in != graph
        ]
        implements = f" implements {' & '.join(interfaces)}" if interfaces and type_.kind == "type" else ""
        if not fields:
            continue
        lines.append(f"{'type' if is_object else 'interface'} {type_.name}{implements} {{ {' '.join(fields)} }}")
        if is_object and type_.keys.get(graph):
            entities.append(type_.name)
    roots = [one.line() for one in world.types["Query"].fields.values() if graph in one.owners]
    if entities:
        lines.append("union _Entity = " + " | ".join(entities))
        roots.append("_entities(representations: [_Any!]!): [_Entity]!")
    lines.append("type Query { " + (" ".join(roots) or "nothing: String") + " }")
    mutations = [one.line() for one in world.types["Mutation"].fields.values() if graph in one.owners]
    if mutations:
        lines.append("type Mutation { " + " ".join(mutations) + " }")
    return "\n".join(lines)


def is_declared(world: World, type_: WorldType, one: WorldField, graph: str) -> bool:
    """Whether a subgraph has a field in its schema, resolvable or external."""
    if type_.kind == "interface" and type_.interface_object_in is None:
        return _interface_declares(world, type_, one, graph)
    if graph in one.owners:
        return True
    target = world.types.get(one.type_name)
    is_known = target is None or graph in target.keys or graph in target.members
    return graph in one.external_in and is_known and not one.is_from_interface_object
