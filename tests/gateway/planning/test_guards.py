"""Conditions combined: what absorbs what, and what is left to check."""

from __future__ import annotations

import pytest

from gateway.errors import PlanningLimitExceeded
from gateway.planning.guards import (
    ALWAYS,
    NEVER,
    Guard,
    both,
    common_conditions,
    conditions_from,
    covers,
    either,
    without,
)
from gateway.planning.query_plan import Condition

A, B = Condition("a", negated=False), Condition("b", negated=False)
NOT_A = Condition("a", negated=True)


def guard(*alternatives: tuple[Condition, ...]) -> Guard:
    return frozenset(frozenset(one) for one in alternatives)


def test_always_and_never_are_neutral() -> None:
    assert both(ALWAYS, guard((A,))) == guard((A,))
    assert either(NEVER, guard((A,))) == guard((A,))
    assert either(ALWAYS, guard((A,))) == ALWAYS
    assert both(NEVER, guard((A,))) == NEVER


def test_a_wider_alternative_absorbs_a_narrower_one() -> None:
    assert either(guard((A,)), guard((A, B))) == guard((A,))


def test_a_condition_and_its_opposite_cancel_out() -> None:
    assert either(guard((A,)), guard((NOT_A,))) == ALWAYS
    assert either(guard((A, B)), guard((NOT_A, B))) == guard((B,))
    assert both(guard((A,)), guard((NOT_A,))) == NEVER


def test_a_guard_covers_what_can_only_hold_together_with_it() -> None:
    assert covers(guard((A,)), guard((A, B)))
    assert not covers(guard((A, B)), guard((A,)))
    assert covers(ALWAYS, guard((A,), (B,)))


def test_conditions_that_hold_anyway_are_left_out() -> None:
    whole = guard((A, B), (A, Condition("c", negated=False)))
    assert common_conditions(whole) == {A}
    assert without(whole, common_conditions(whole)) == guard((B,), (Condition("c", negated=False),))


def test_plans_carry_alternatives_in_a_fixed_order_and_nothing_for_always() -> None:
    assert conditions_from(ALWAYS) == ()
    assert conditions_from(guard((B,), (NOT_A, B), (A,))) == ((A,), (NOT_A, B), (B,))


def test_too_many_alternatives_are_rounded_up_to_always() -> None:
    many = NEVER
    for number in range(40):
        many = either(many, guard((Condition(f"v{number}", negated=False),)))
    assert many == ALWAYS


def test_what_must_be_exact_is_refused_rather_than_rounded() -> None:
    many = NEVER
    for number in range(64):
        many = either(many, guard((Condition(f"v{number}", negated=False),)), is_exact=True)
    assert len(many) == 64
    with pytest.raises(PlanningLimitExceeded, match="more than 64 different combinations of conditions"):
        either(many, guard((Condition("v64", negated=False),)), is_exact=True)
