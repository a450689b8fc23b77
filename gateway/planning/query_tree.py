"""Choose one option for every leaf so that all of them together cost least: branch and bound over sets of entries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .deadline import Deadline
from .path_cost import Bill, PathCost
from .paths import Leaf, State

# Beyond these many steps the best choice so far is taken: it is right in any case, only perhaps not the cheapest.
MAX_EVALUATIONS = 5_000

# So many open questions are answered greedily: each by what costs least beside what is settled already.
MAX_QUESTIONS = 250

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


def best_query_tree(leaves: list[Leaf], cost: PathCost, deadline: Deadline) -> QueryTree:
    """Pick the cheapest combination."""
    questions = _questions(leaves, cost)
    deadline.check()
    numbers, total = _Search(questions, cost, deadline).best()
    choices: list[tuple[Leaf, State | None]] = []
    for question, number in zip(questions, numbers, strict=True):
        choices += [(leaf, _state_with(leaf, question.answers[number])) for leaf in question.leaves]
    return QueryTree(tuple(choices), total.entries, total.cost)


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
    def __init__(self, questions: list[_Question], cost: PathCost, deadline: Deadline) -> None:
        self._bills = [
            [replace(cost.bill(mask), extra=extra) for mask, extra in question.answers] for question in questions
        ]
        self._deadline = deadline
        self._evaluations = 0
        self._best: list[int] = []
        self._best_cost = float("inf")

    def best(self) -> tuple[list[int], Bill]:
        """The number of the best answer to each question, and the bill."""
        # What has only one answer is settled first: it tells what the others can share.
        self._best, total = self._greedy()
        self._best_cost = total.cost
        settled = sum(1 for bills in self._bills if len(bills) == 1)
        if 0 < len(self._bills) - settled <= MAX_QUESTIONS:
            known = Bill(0, 0, 0)
            for bills in self._bills[:settled]:
                known = known.plus(bills[0])
            self._descend(settled, known, [0] * settled)
        total = Bill(0, 0, 0)
        for bills, number in zip(self._bills, self._best, strict=True):
            total = total.plus(bills[number])
        return self._best, total

    def _greedy(self) -> tuple[list[int], Bill]:
        total, chosen = Bill(0, 0, 0), []
        for bills in self._bills:
            sums = [total.plus(bill) for bill in bills]
            number = min(range(len(sums)), key=lambda one: sums[one].cost)
            total = sums[number]
            chosen.append(number)
        return chosen, total

    def _descend(self, question: int, total: Bill, chosen: list[int]) -> None:
        # Costs only grow, so the cost so far is a lower bound.
        reached = total.cost
        if reached >= self._best_cost:
            return
        if question == len(self._bills):
            self._best, self._best_cost = list(chosen), reached
            return
        self._evaluations += 1
        if self._evaluations > MAX_EVALUATIONS or (self._evaluations % 256 == 0 and self._deadline.is_over):
            return
        sums = [(total.plus(bill), number) for number, bill in enumerate(self._bills[question])]
        for following, number in sorted(sums, key=lambda one: one[0].cost):
            chosen.append(number)
            self._descend(question + 1, following, chosen)
            chosen.pop()
