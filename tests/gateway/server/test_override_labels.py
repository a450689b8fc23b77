"""Progressive @override: which labels are active for a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.server.override_labels import OverrideLabels
from gateway.supergraph import supergraph_from_sdl
from tests.gateway.server.subgraph import SUPERGRAPH


def labels(*found: str, always: tuple[str, ...] = (), numbers: tuple[float, ...] = ()) -> OverrideLabels:
    fields = "\n".join(
        f'  f{index}: String @join__field(graph: PEOPLE, override: "other", overrideLabel: "{label}")'
        for index, label in enumerate(found)
    )
    sdl = SUPERGRAPH.replace(
        "type Query @join__type(graph: PEOPLE) {", f"type Query @join__type(graph: PEOPLE) {{\n{fields}"
    )
    sdl = sdl.replace("usedOverridden: Boolean", "usedOverridden: Boolean, overrideLabel: String").replace(
        "join/v0.3", "join/v0.5"
    )
    chances: Iterator[float] = iter(numbers)
    return OverrideLabels(supergraph_from_sdl(sdl), always, lambda: next(chances))


@pytest.mark.parametrize(
    ("number", "active"),
    [
        (0.0, {"percent(10)", "percent(50)"}),
        (0.099, {"percent(10)", "percent(50)"}),
        (0.1, {"percent(50)"}),
        (0.499, {"percent(50)"}),
        (0.5, set()),
        (0.99, set()),
    ],
)
def test_a_percent_is_active_for_its_share_of_requests(number: float, active: set[str]) -> None:
    assert labels("percent(50)", "percent(10)", "beta", numbers=(number,)).active() == active


def test_custom_labels_are_active_when_the_settings_name_them() -> None:
    assert labels("beta", always=("beta",)).active() == {"beta"}
    assert labels("beta", "percent(100)", always=("beta",), numbers=(0.999,)).active() == {"beta", "percent(100)"}


def test_without_labels_nothing_is_active() -> None:
    assert labels().active() == frozenset()
