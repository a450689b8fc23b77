"""Choose one option for every leaf so that all of them together cost least: branch and bound over sets of entries."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .path_cost import PathCost
from .paths import Leaf, State

# Beyond these many steps the best choice so far is taken: it is right in any case, only perhaps not the cheapest.
MAX_EVALUATIONS = 5_000

# Not asking any subgraph for a type that one of them cannot have is allowed, but seeing what the others have is better.
VOID_COST = 10.0


@dataclass(frozen=True, slots=True)
class QueryTree:
    """The chosen state of every leaf. `state` None: nothing has to be fetched for it, but `seen_from` must be there."""

    choices: tuple[tuple[Leaf, State | None], ...]
    mask: int
    cost: float


@dataclass(slots=True)
class _Question:
    """All leaves with the same options: they are answered together. An answer is a mask and what it costs beside its entries."""

    leaves: list[Leaf]
    answers: list[tuple[int, float]]


def best_query_tree(leaves: list[Leaf], cost: PathCost, deadline: float) -> QueryTree:
    """Pick the cheapest combination."""
    questions = _questions(leaves, cost)
    answers, mask, total = _Search(questions, cost, deadline).best()
    choices: list[tuple[Leaf, State | None]] = []
    for question, answer in zip(questions, answers, strict=True):
        choices += [(leaf, _state_with(leaf, answer)) for leaf in question.leaves]
    return QueryTree(tuple(choices), mask, total)


def _questions(leaves: list[Leaf], cost: PathCost) -> list[_Question]:
    questions: dict[tuple[tuple[int, float], ...], _Question] = {}
    for leaf in leaves:
        answers = {option.mask: 0.0 for option in leaf.options}
        for state in leaf.void_states:
            answers.setdefault(state.mask, VOID_COST)
        kept = [
            (mask, extra)
            for mask, extra in answers.items()
            if not any(other != mask and other | mask == mask and more <= extra for other, more in answers.items())
        ]
        # Stable: of equal costs the subgraph that the supergraph names first.
        kept.sort(key=lambda answer: cost.of(answer[0]) + answer[1])
        question = questions.setdefault(tuple(kept), _Question([], kept))
        question.leaves.append(leaf)
    return sorted(questions.values(), key=lambda question: len(question.answers))


def _state_with(leaf: Leaf, answer: tuple[int, float]) -> State | None:
    return next((option for option in leaf.options if option.mask == answer[0]), None)


class _Search:
    def __init__(self, questions: list[_Question], cost: PathCost, deadline: float) -> None:
        self._questions = questions
        self._cost = cost
        self._deadline = deadline
        self._evaluations = 0
        self._best: list[tuple[int, float]] = []
        self._best_cost = float("inf")

    def best(self) -> tuple[list[tuple[int, float]], int, float]:
        self._best, self._best_cost = self._greedy()
        self._descend(0, 0, 0.0, [])
        mask = 0
        for answer in self._best:
            mask |= answer[0]
        return self._best, mask, self._best_cost

    def _greedy(self) -> tuple[list[tuple[int, float]], float]:
        mask, extra, chosen = 0, 0.0, []
        for question in self._questions:
            answer = min(question.answers, key=lambda one: self._cost.of(mask | one[0]) + one[1])
            mask |= answer[0]
            extra += answer[1]
            chosen.append(answer)
        return chosen, self._cost.of(mask) + extra

    def _descend(self, number: int, mask: int, extra: float, chosen: list[tuple[int, float]]) -> None:
        # Costs only grow, so the cost so far is a lower bound.
        reached = self._cost.of(mask) + extra
        if reached >= self._best_cost:
            return
        if number == len(self._questions):
            self._best, self._best_cost = list(chosen), reached
            return
        self._evaluations += 1
        if self._evaluations > MAX_EVALUATIONS or (self._evaluations % 256 == 0 and time.monotonic() > self._deadline):
            return
        answers = self._questions[number].answers
        for answer in sorted(answers, key=lambda one: self._cost.of(mask | one[0]) + one[1]):
            chosen.append(answer)
            self._descend(number + 1, mask | answer[0], extra + answer[1], chosen)
            chosen.pop()
