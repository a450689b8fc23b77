"""join v0.1 to v0.5: how a supergraph says which subgraph has what. Federation 2 writes v0.3 or newer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .feature import (
    ArgumentSpec,
    DirectiveSpec,
    EnumSpec,
    FeatureSpec,
    FeatureVersion,
    InputObjectSpec,
    Purpose,
    ScalarSpec,
    SpecVersions,
    TypeSpec,
    apollo_identity,
    apollo_url,
    by_name,
)

JOIN_IDENTITY = apollo_identity("join")

GRAPH = "join__graph"
TYPE = "join__type"
FIELD = "join__field"
IMPLEMENTS = "join__implements"
UNION_MEMBER = "join__unionMember"
ENUM_VALUE = "join__enumValue"
DIRECTIVE = "join__directive"
GRAPH_ENUM = "join__Graph"

_GRAPH_ARGUMENT = ArgumentSpec("graph", "{Graph}!")
_TYPE_LOCATIONS = ("OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "SCALAR")


def _join(minor: int, minimum: FeatureVersion | None = None) -> FeatureSpec:
    types: list[TypeSpec] = [EnumSpec("Graph", ()), ScalarSpec("FieldSet")]
    type_arguments = [_GRAPH_ARGUMENT, ArgumentSpec("key", "{FieldSet}")]
    # @interfaceObject adds fields to the supergraph that no subgraph has itself: those have no graph.
    field_arguments = [ArgumentSpec("graph", "{Graph}") if minor >= 3 else _GRAPH_ARGUMENT]
    field_arguments += [ArgumentSpec("requires", "{FieldSet}"), ArgumentSpec("provides", "{FieldSet}")]
    directives = [
        DirectiveSpec("graph", ("ENUM_VALUE",), (ArgumentSpec("name", "String!"), ArgumentSpec("url", "String!")))
    ]
    if minor >= 2:
        type_arguments += [ArgumentSpec("extension", "Boolean!", False), ArgumentSpec("resolvable", "Boolean!", True)]
        field_arguments += [ArgumentSpec("type", "String"), ArgumentSpec("external", "Boolean")]
        field_arguments += [ArgumentSpec("override", "String"), ArgumentSpec("usedOverridden", "Boolean")]
        directives.append(_repeatable("implements", ("OBJECT", "INTERFACE"), ArgumentSpec("interface", "String!")))
    else:
        directives.append(DirectiveSpec("owner", ("OBJECT",), (_GRAPH_ARGUMENT,)))
    if minor >= 3:
        type_arguments.append(ArgumentSpec("isInterfaceObject", "Boolean!", False))
        directives.append(_repeatable("unionMember", ("UNION",), ArgumentSpec("member", "String!")))
        directives.append(_repeatable("enumValue", ("ENUM_VALUE",)))
    if minor >= 4:
        types.append(ScalarSpec("DirectiveArguments"))
        field_arguments.append(ArgumentSpec("overrideLabel", "String"))
        directives.append(
            DirectiveSpec(
                "directive",
                ("SCHEMA", "OBJECT", "INTERFACE", "FIELD_DEFINITION"),
                (
                    ArgumentSpec("graphs", "[{Graph}!]"),
                    ArgumentSpec("name", "String!"),
                    ArgumentSpec("args", "{DirectiveArguments}"),
                ),
                repeatable=True,
            )
        )
    if minor >= 5:
        types += [ScalarSpec("FieldValue"), _CONTEXT_ARGUMENT]
        field_arguments.append(ArgumentSpec("contextArguments", "[{ContextArgument}!]"))
    directives.append(DirectiveSpec("type", _TYPE_LOCATIONS, tuple(type_arguments), repeatable=minor >= 2))
    directives.append(
        DirectiveSpec("field", ("FIELD_DEFINITION", "INPUT_FIELD_DEFINITION"), tuple(field_arguments), repeatable=True)
    )
    return FeatureSpec(apollo_url("join", 0, minor), by_name(*directives), by_name(*types), minimum, Purpose.EXECUTION)


def _repeatable(name: str, locations: tuple[str, ...], *arguments: ArgumentSpec) -> DirectiveSpec:
    return DirectiveSpec(name, locations, (_GRAPH_ARGUMENT, *arguments), repeatable=True)


_CONTEXT_ARGUMENT = InputObjectSpec(
    "ContextArgument",
    (
        ArgumentSpec("name", "String!"),
        ArgumentSpec("type", "String!"),
        ArgumentSpec("context", "String!"),
        ArgumentSpec("selection", "{FieldValue}!"),
    ),
)

JOIN_VERSIONS = SpecVersions(
    JOIN_IDENTITY,
    [
        _join(1, FeatureVersion(99, 0)),  # read for old supergraphs, never written
        _join(2, FeatureVersion(99, 0)),
        _join(3, FeatureVersion(2, 0)),
        _join(4, FeatureVersion(2, 7)),
        _join(5, FeatureVersion(2, 8)),
    ],
)


def graph_enum_values(subgraph_names: Sequence[str]) -> dict[str, str]:
    """The value of join__Graph for each subgraph name; names that come out the same are numbered."""
    names_by_value: dict[str, list[str]] = {}
    for name in subgraph_names:
        names_by_value.setdefault(_enum_value(name), []).append(name)
    values: dict[str, str] = {}
    for value, names in names_by_value.items():
        if len(names) == 1:
            values[names[0]] = value
        else:
            values.update({name: f"{value}_{number}" for number, name in enumerate(names, start=1)})
    return values


def _enum_value(subgraph_name: str) -> str:
    value = re.sub(r"[^A-Za-z0-9_]", "_", subgraph_name)
    if re.match(r"\d", value):
        value = "_" + value
    # A trailing _1 is what numbering adds: without this, names could still meet.
    if re.search(r"_\d+$", value):
        value += "_"
    return value.upper()
