"""Over the recorded cases: every error names its subgraphs, a place in their SDL and what to do, where there is any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.composition import CompositionOptions, ErrorCode, SubgraphDefinition, compose
from gateway.composition.present import to_json

CASES = sorted((Path(__file__).parents[4] / "shared" / "composition" / "cases").glob("*.json"))
WITHOUT_A_PLACE = {
    ErrorCode.NO_QUERIES,  # what is missing stands nowhere
    ErrorCode.INVALID_SUBGRAPH_NAME,  # names are not in the SDL
    ErrorCode.MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED,
    ErrorCode.INVALID_LINK_DIRECTIVE_USAGE,  # some are about links of the supergraph, which no subgraph has alone
    ErrorCode.INVALID_GRAPHQL,  # a few are about the merged schema
}


@pytest.mark.slow
@pytest.mark.skipif(not CASES, reason="the recorded cases are not beside the project (../shared/composition)")
def test_every_error_of_the_recorded_cases_tells_where_and_what_to_do() -> None:
    seen = 0
    for file in CASES:
        case = json.loads(file.read_text())
        if case["expected"]["composes"]:
            continue
        options = CompositionOptions(
            max_validation_subgraph_paths=(case.get("options") or {}).get("maxValidationSubgraphPaths", 1_000_000)
        )
        subgraphs = [SubgraphDefinition(one["name"], one["url"], one["sdl"]) for one in case["subgraphs"]]
        for error in to_json(compose(subgraphs, options))["errors"]:
            seen += 1
            assert error["advice"]
            if error["code"] in WITHOUT_A_PLACE and not error["locations"]:
                continue
            assert error["subgraphs"], (file.name, error["message"])
            assert error["locations"], (file.name, error["message"])
            assert all(place["line"] >= 1 and place["column"] >= 1 for place in error["locations"])
    assert seen > 500
