"""Glicko-2, one rating period: a rating with its uncertainty before, results against opponents, the same after.

Source: Mark E. Glickman, "Example of the Glicko-2 system" (2022), https://www.glicko.net/glicko/glicko2.pdf; the step numbers are its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MIDDLE = 1500.0
MAX_DEVIATION = 350.0
INITIAL_VOLATILITY = 0.06
SCALE = 173.7178  # step 2: points of the shown scale per unit of the internal one
TAU = 0.5  # how much volatility may move; the paper recommends 0.3 to 1.2
EPSILON = 0.000001  # convergence tolerance of step 5


@dataclass(frozen=True, slots=True)
class Glicko:
    """A rating on the shown scale (1500 is the middle), its standard deviation, and how erratic the results are."""

    rating: float = MIDDLE
    deviation: float = MAX_DEVIATION
    volatility: float = INITIAL_VOLATILITY


@dataclass(frozen=True, slots=True)
class Result:
    """One game: the opponent's rating and deviation, and the score from 0 (lost) to 1 (won)."""

    opponent_rating: float
    opponent_deviation: float
    score: float


def rated(before: Glicko, results: Sequence[Result]) -> Glicko:
    """The rating after a period with these results (at least one)."""
    mu, phi = (before.rating - MIDDLE) / SCALE, before.deviation / SCALE
    # Step 3: the variance of the rating by the results alone; step 4: the improvement they stand for.
    information, improvement = 0.0, 0.0
    for result in results:
        weight = _g(result.opponent_deviation / SCALE)
        expected = 1 / (1 + math.exp(-weight * (mu - (result.opponent_rating - MIDDLE) / SCALE)))
        information += weight**2 * expected * (1 - expected)
        improvement += weight * (result.score - expected)
    variance = 1 / information
    volatility = _new_volatility(phi, before.volatility, variance, variance * improvement)
    # Steps 6 and 7.
    phi_star = math.sqrt(phi**2 + volatility**2)
    new_phi = 1 / math.sqrt(1 / phi_star**2 + information)
    new_mu = mu + new_phi**2 * improvement
    return Glicko(new_mu * SCALE + MIDDLE, min(new_phi * SCALE, MAX_DEVIATION), volatility)


def rested(before: Glicko, periods: float) -> Glicko:
    """The rating after so many periods without a game: only less certain (step 6, once per period)."""
    phi = math.sqrt((before.deviation / SCALE) ** 2 + max(0.0, periods) * before.volatility**2)
    return Glicko(before.rating, min(phi * SCALE, MAX_DEVIATION), before.volatility)


def _g(phi: float) -> float:
    return 1 / math.sqrt(1 + 3 * phi**2 / math.pi**2)


def _new_volatility(phi: float, sigma: float, variance: float, delta: float) -> float:
    """Step 5: find the zero of f by the Illinois algorithm."""
    a = math.log(sigma**2)

    def f(x: float) -> float:
        e = math.exp(x)
        spread = phi**2 + variance + e
        return e * (delta**2 - spread) / (2 * spread**2) - (x - a) / TAU**2

    low, high = a, _upper_bound(f, a, phi, variance, delta)
    f_low, f_high = f(low), f(high)
    while abs(high - low) > EPSILON:
        middle = low + (low - high) * f_low / (f_high - f_low)
        f_middle = f(middle)
        if f_middle * f_high <= 0:
            low, f_low = high, f_high
        else:
            f_low /= 2
        high, f_high = middle, f_middle
    return math.exp(low / 2)


def _upper_bound(f: Callable[[float], float], a: float, phi: float, variance: float, delta: float) -> float:
    if delta**2 > phi**2 + variance:
        return math.log(delta**2 - phi**2 - variance)
    steps = 1
    while f(a - steps * TAU) < 0:
        steps += 1
    return a - steps * TAU
