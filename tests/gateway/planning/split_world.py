"""Make up a schema that is split over subgraphs: types, who owns which field, keys, @requires, @provides, @interfaceObject.

The same description prints the supergraph and each subgraph's own schema. Every value follows from type, object and field, so all
subgraphs agree and a single server over the same data is the oracle.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

OBJECTS_PER_TYPE = 4


@dataclass(slots=True)
class WorldField:
    """One field: `owners` resolve it; `requires`, `provides` by subgraph. `lists` is how deep the value is nested in lists."""

    name: str
    type_name: str = "String"
    lists: int = 0
    has_argument: bool = False
    is_nullable: bool = True
    owners: list[str] = field(default_factory=list)
    external_in: set[str] = field(default_factory=set)
    requires: dict[str, str] = field(default_factory=dict)
    provides: dict[str, str] = field(default_factory=dict)
    is_from_interface_object: bool = False
    is_provided: bool = False
    stricter_in: set[str] = field(default_factory=set)

    def type_text(self, graph: str | None = None) -> str:
        """The type as a subgraph declares it; a stricter subgraph says that a non-null value is never null."""
        if graph in self.external_in and graph not in self.owners:
            graph = self.owners[0]
        inner = self.type_name
        for _ in range(self.lists):
            inner = f"[{inner}]"
        return inner + ("" if self.is_nullable and graph not in self.stricter_in else "!")

    def line(self, graph: str | None = None) -> str:
        """The field's definition without directives."""
        return f"{self.name}{'(n: Int = 0)' if self.has_argument else ''}: {self.type_text(graph)}"


@dataclass(slots=True)
class WorldType:
    """One composite type. `keys` by subgraph: the subgraphs that know the type, each with its keys."""

    name: str
    kind: str
    keys: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, WorldField] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    interface_object_in: str | None = None

    def all_members(self) -> list[str]:
        """The object types of an abstract type."""
        return sorted({name for names in self.members.values() for name in names})


@dataclass(slots=True)
class World:
    """All types and subgraphs."""

    graphs: list[str]
    types: dict[str, WorldType] = field(default_factory=dict)

    def interfaces_of(self, type_name: str, graph: str | None = None) -> list[str]:
        """The interfaces that an object type implements, in one subgraph or in any."""
        return [
            one.name
            for one in self.types.values()
            if one.kind == "interface"
            and any(type_name in names for g, names in one.members.items() if graph in (None, g))
        ]


def make_world(rng: random.Random) -> World:
    """A random world in which every field can be reached: each entity has one subgraph that knows all its keys."""
    world = World([f"G{number}" for number in range(rng.randint(2, 4))])
    entities = [WorldType(f"E{number}", "type") for number in range(rng.randint(2, 3))]
    for entity in entities:
        world.types[entity.name] = entity
        _give_keys(rng, world, entity)
        for number in range(rng.randint(2, 4)):
            _add_leaf(rng, entity, f"f{number}")
    query = world.types["Query"] = WorldType("Query", "type", {graph: [] for graph in world.graphs})
    abstract = _add_abstract_types(rng, world, entities)
    if rng.random() < 0.5:
        _add_value_type(rng, world, entities)
    _add_references(rng, world, entities, abstract)
    _add_requires(rng, world, entities)
    _add_provides(rng, world)
    if rng.random() < 0.35:
        _add_interface_object(rng, world, entities, query)
    _add_root_fields(rng, world, query, entities, abstract)
    return world


def _give_keys(rng: random.Random, world: World, entity: WorldType) -> None:
    graphs = rng.sample(world.graphs, rng.randint(1, len(world.graphs)))
    for name in ("id", "sku"):
        entity.fields[name] = WorldField(name, "ID", is_nullable=False)
    keys = ["id", "id", "sku", "id sku"]
    if rng.random() < 0.4:
        entity.fields["ref"] = WorldField("ref", f"{entity.name}Ref", is_nullable=False)
        world.types[f"{entity.name}Ref"] = WorldType(
            f"{entity.name}Ref", "type", fields={"code": WorldField("code", "ID", is_nullable=False)}
        )
        keys += ["ref { code }", "sku ref { code }"]
    _join(world, entity, graphs[0], ["id", "sku", *(["ref { code }"] if "ref" in entity.fields else [])])
    for graph in graphs[1:]:
        _join(world, entity, graph, [rng.choice(keys)])


def _join(world: World, entity: WorldType, graph: str, keys: list[str]) -> None:
    """Let a subgraph know an entity by keys, whose fields it then resolves."""
    entity.keys.setdefault(graph, []).extend(keys)
    for key in keys:
        for name in key.replace("{ code }", "").split():
            if graph not in entity.fields[name].owners:
                entity.fields[name].owners.append(graph)
            if name == "ref":
                ref = world.types[f"{entity.name}Ref"]
                ref.keys.setdefault(graph, [])
                if graph not in ref.fields["code"].owners:
                    ref.fields["code"].owners.append(graph)


def _add_leaf(rng: random.Random, entity: WorldType, name: str) -> None:
    graphs = list(entity.keys)
    owners = rng.sample(graphs, min(len(graphs), 2 if rng.random() < 0.3 else 1))
    one = WorldField(name, "String", has_argument=rng.random() < 0.25, is_nullable=rng.random() < 0.6, owners=owners)
    one.lists = 2 if rng.random() < 0.1 else 0
    entity.fields[name] = one


def _add_abstract_types(rng: random.Random, world: World, entities: list[WorldType]) -> list[WorldType]:
    abstract = []
    if rng.random() < 0.7:
        interface = WorldType("I0", "interface")
        for graph in rng.sample(world.graphs, rng.randint(1, 2)):
            members = rng.sample(entities, rng.randint(1, len(entities)))
            interface.members[graph] = [one.name for one in members]
            for one in members:
                if graph not in one.keys:
                    _join(world, one, graph, ["id"])
                elif graph not in one.fields["id"].owners:
                    one.fields["id"].owners.append(graph)
        # A field that all implementations have, wherever each of them keeps it.
        names = interface.all_members()
        for name in names:
            shared = WorldField("common", owners=[rng.choice(list(world.types[name].keys))])
            shared.stricter_in = {shared.owners[0]} if rng.random() < 0.3 else set()
            world.types[name].fields["common"] = shared
        interface.fields["id"] = WorldField("id", "ID", is_nullable=False)
        interface.fields["common"] = WorldField("common")
        world.types["I0"] = interface
        abstract.append(interface)
    if rng.random() < 0.6:
        union = WorldType("U0", "union")
        for graph in rng.sample(world.graphs, rng.randint(1, 2)):
            members = [one for one in entities if graph in one.keys]
            if members:
                union.members[graph] = [one.name for one in rng.sample(members, rng.randint(1, len(members)))]
        if union.members:
            world.types["U0"] = union
            abstract.append(union)
    return abstract


def _add_value_type(rng: random.Random, world: World, entities: list[WorldType]) -> None:
    """An object without keys whose fields are split: whoever has a part of it has the fields that lead to it."""
    entity = rng.choice(entities)
    graphs = list(entity.keys)
    value = world.types["V0"] = WorldType("V0", "type", {graph: [] for graph in graphs})
    for number in range(3):
        value.fields[f"v{number}"] = WorldField(f"v{number}", owners=rng.sample(graphs, rng.randint(1, len(graphs))))
    for graph in graphs:
        if not any(graph in one.owners for one in value.fields.values()):
            value.fields["v0"].owners.append(graph)
    entity.fields["dims"] = WorldField("dims", "V0", lists=rng.choice([0, 0, 1]), is_nullable=True, owners=graphs)


def _add_references(rng: random.Random, world: World, entities: list[WorldType], abstract: list[WorldType]) -> None:
    for entity in entities:
        for number in range(rng.randint(1, 2)):
            graph = rng.choice(list(entity.keys))
            target = rng.choice([*entities, *[one for one in abstract if graph in one.members]])
            if target.kind == "type" and graph not in target.keys:
                _join(world, target, graph, [rng.choice(["id", "sku"])])
            lists = rng.choice([0, 0, 1, 1, 2])
            entity.fields[f"r{number}"] = WorldField(f"r{number}", target.name, lists=lists, owners=[graph])


def _add_requires(rng: random.Random, world: World, entities: list[WorldType]) -> None:
    for entity in entities:
        for number in range(rng.randint(0, 3)):
            graph = rng.choice(list(entity.keys))
            sets = [found for one in list(entity.fields.values()) if (found := _required_text(rng, world, one, graph))]
            if not sets:
                continue
            chosen = rng.sample(sets, min(len(sets), rng.randint(1, 2)))
            for _, needed in chosen:
                for one in needed:
                    if graph not in one.owners:
                        one.external_in.add(graph)
            entity.fields[f"q{number}"] = WorldField(
                f"q{number}", owners=[graph], requires={graph: " ".join(text for text, _ in chosen)}
            )


def _required_text(
    rng: random.Random, world: World, one: WorldField, graph: str
) -> tuple[str, list[WorldField]] | None:
    """The field as part of a field set of another subgraph, with all fields in it; None when it cannot be required from there."""
    if one.name in ("id", "sku", "ref") or graph in one.owners:
        return None
    text = f"{one.name}(n: {rng.randint(1, 2)})" if one.has_argument else one.name
    target = world.types.get(one.type_name)
    if target is None:
        return text, [one]
    if graph not in target.keys and graph not in target.members:
        return None
    if target.kind == "type":
        leaf, leaf_text = _leaf(rng, target)
        return f"{text} {{ {leaf_text} }}", [one, leaf]
    parts = {name: _leaf(rng, world.types[name]) for name in target.members.get(graph, [])}
    if not parts:
        return None
    fragments = " ".join(f"... on {name} {{ {leaf_text} }}" for name, (_, leaf_text) in parts.items())
    return f"{text} {{ {fragments} }}", [one, *(leaf for leaf, _ in parts.values())]


def _leaf(rng: random.Random, target: WorldType) -> tuple[WorldField, str]:
    """A leaf of another object, and its text in a field set."""
    leaves = [one for one in target.fields.values() if one.type_name in ("String", "ID") and not one.requires]
    one = rng.choice(leaves)
    return one, f"{one.name}(n: {rng.randint(1, 2)})" if one.has_argument else one.name


def _add_provides(rng: random.Random, world: World) -> None:
    for type_ in list(world.types.values()):
        for one in type_.fields.values():
            target = world.types.get(one.type_name)
            if target is None or target.kind != "type" or not target.name[-1].isdigit() or target.name == "V0":
                continue
            if rng.random() > 0.3:
                continue
            graph = one.owners[0]
            foreign = [
                f
                for f in target.fields.values()
                if f.type_name == "String" and not f.requires and graph not in f.owners and not f.has_argument
            ]
            if foreign and one.name not in ("id", "sku"):
                chosen = rng.choice(foreign)
                chosen.external_in.add(graph)
                chosen.is_provided = True
                one.provides[graph] = chosen.name


def _add_interface_object(rng: random.Random, world: World, entities: list[WorldType], query: WorldType) -> None:
    """An interface with a key in one subgraph, and a further subgraph that adds fields to all its implementations at once."""
    home = rng.choice(world.graphs)
    world.graphs.append("GIO")
    query.keys["GIO"] = []
    interface = WorldType("I1", "interface", {home: ["id"], "GIO": ["id"]}, interface_object_in="GIO")
    interface.members = {home: [one.name for one in entities]}
    for one in entities:
        if home not in one.keys or "id" not in one.keys[home]:
            _join(world, one, home, ["id"])
        one.fields["tag"] = WorldField("tag", owners=[home])
        one.fields["io0"] = WorldField("io0", owners=[], is_from_interface_object=True)
    interface.fields["id"] = WorldField("id", "ID", is_nullable=False, owners=[home, "GIO"])
    interface.fields["tag"] = WorldField("tag", owners=[home])
    interface.fields["io0"] = WorldField("io0", owners=["GIO"])
    if rng.random() < 0.5:
        interface.fields["tag"].external_in.add("GIO")
        interface.fields["io0"].requires["GIO"] = "tag"
    world.types["I1"] = interface
    if len(world.graphs) > 2 and rng.random() < 0.5:
        _add_second_home(rng, world, entities, interface, home)
    query.fields["ioAll"] = WorldField("ioAll", "I1", lists=1, owners=["GIO"])
    query.fields["i1"] = WorldField("i1", "I1", owners=[home])


def _add_second_home(
    rng: random.Random, world: World, entities: list[WorldType], interface: WorldType, home: str
) -> None:
    """Another subgraph with the interface, all its implementations and a key: one can go there without knowing the type."""
    second = rng.choice([graph for graph in world.graphs if graph not in (home, "GIO")])
    interface.keys[second] = ["id"]
    interface.members[second] = [one.name for one in entities]
    interface.fields["id"].owners.append(second)
    interface.fields["far"] = WorldField("far", owners=[second])
    for one in entities:
        if "id" not in one.keys.get(second, []):
            _join(world, one, second, ["id"])
        one.fields["far"] = WorldField("far", owners=[second])


def _add_root_fields(
    rng: random.Random, world: World, query: WorldType, entities: list[WorldType], abstract: list[WorldType]
) -> None:
    for number, target in enumerate([*entities, *abstract]):
        graphs = list(target.keys if target.kind == "type" else target.members)
        owners = rng.sample(graphs, min(len(graphs), 2 if rng.random() < 0.3 else 1))
        # What two subgraphs resolve alike can only be of a type that both know.
        if target.kind != "type" and not set.intersection(*(set(target.members[graph]) for graph in owners)):
            owners = owners[:1]
        query.fields[f"t{number}"] = WorldField(f"t{number}", target.name, lists=rng.choice([0, 1, 1]), owners=owners)
    mutation = world.types["Mutation"] = WorldType("Mutation", "type", {graph: [] for graph in world.graphs})
    for number, target in enumerate([*entities, *entities]):
        owner = rng.choice(list(target.keys))
        mutation.fields[f"m{number}"] = WorldField(f"m{number}", target.name, lists=rng.choice([0, 1]), owners=[owner])
