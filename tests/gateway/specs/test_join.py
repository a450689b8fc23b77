"""The join spec: its version by that of federation, and the names of subgraphs as enum values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.specs import FeatureVersion
from gateway.specs.join import JOIN_VERSIONS, graph_enum_values


@pytest.mark.parametrize(("minor", "join"), [(0, "v0.3"), (6, "v0.3"), (7, "v0.4"), (8, "v0.5"), (14, "v0.5")])
def test_the_version_that_a_supergraph_is_written_in(minor: int, join: str) -> None:
    assert str(JOIN_VERSIONS.minimum_required(FeatureVersion(2, minor)).url.version) == join


@pytest.mark.parametrize(
    ("version", "arguments"),
    [
        (1, ["graph", "requires", "provides"]),
        (2, ["graph", "requires", "provides", "type", "external", "override", "usedOverridden"]),
        (4, ["graph", "requires", "provides", "type", "external", "override", "usedOverridden", "overrideLabel"]),
    ],
)
def test_arguments_of_join_field(version: int, arguments: list[str]) -> None:
    spec = JOIN_VERSIONS.find(FeatureVersion(0, version))
    assert spec is not None
    assert [argument.name for argument in spec.directives["field"].arguments] == arguments


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (["users"], ["USERS"]),
        (["my-users"], ["MY_USERS"]),
        (["1st"], ["_1ST"]),
        (["a-b", "a_b"], ["A_B_1", "A_B_2"]),
        (["users_1"], ["USERS_1_"]),
    ],
)
def test_a_subgraphs_name_as_an_enum_value(names: list[str], values: list[str]) -> None:
    assert list(graph_enum_values(names).values()) == values


@given(st.lists(st.text("abAB_-.1é ", min_size=1, max_size=5), unique=True, max_size=8))
def test_values_are_names_and_never_meet(names: list[str]) -> None:
    values = graph_enum_values(names)
    assert sorted(values) == sorted(names)
    assert len(set(values.values())) == len(names)
    assert all(value.isascii() and value.replace("_", "a").isalnum() for value in values.values())
