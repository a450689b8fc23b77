"""Glicko-2 against its paper, and in the cases that the paper only describes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.users.glicko2 import MAX_DEVIATION, Glicko, Result, rated, rested

ratings = st.floats(min_value=100, max_value=3000)
deviations = st.floats(min_value=30, max_value=350)
results = st.builds(Result, ratings, deviations, st.floats(min_value=0, max_value=1))


def test_the_example_of_the_paper() -> None:
    after = rated(Glicko(1500, 200, 0.06), [Result(1400, 30, 1), Result(1550, 100, 0), Result(1700, 300, 0)])
    assert round(after.rating, 2) == 1464.05
    assert round(after.deviation, 2) == 151.52
    assert round(after.volatility, 5) == 0.06


def test_a_pause_makes_a_rating_less_certain_and_no_other() -> None:
    before = Glicko(1600, 60, 0.06)
    after = rested(before, 10)
    assert (after.rating, after.volatility) == (1600, 0.06)
    assert 60 < after.deviation < 75
    assert rested(before, 1_000_000).deviation == MAX_DEVIATION
    assert rested(before, -5).deviation == pytest.approx(60)


@given(st.builds(Glicko, ratings, deviations, st.floats(min_value=0.02, max_value=0.2)), results)
def test_winning_never_lowers_and_losing_never_raises_and_a_game_teaches(before: Glicko, result: Result) -> None:
    won = rated(before, [Result(result.opponent_rating, result.opponent_deviation, 1)])
    lost = rated(before, [Result(result.opponent_rating, result.opponent_deviation, 0)])
    between = rated(before, [result])
    assert won.rating >= before.rating >= lost.rating
    assert lost.rating - 1e-6 <= between.rating <= won.rating + 1e-6
    assert between.deviation <= rested(before, 2).deviation + 1e-6
