"""Plan operations over one supergraph: normalize, find paths, choose, build the fetch graph, optimize, freeze."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from graphql import DocumentNode

from ..errors import PlanningLimitExceeded
from ..query_graph import QueryGraph
from ..supergraph import Supergraph
from .best_paths import MAX_STATES, PathFinder
from .build_query_plan import build_query_plan
from .deadline import Deadline
from .fetch_graph import FetchGraph, build_fetch_graph
from .normalize import SelectionBuilder, normalize_operation
from .operation import Operation
from .optimize import optimize_fetch_graph
from .paths import Leaf, Unresolvable
from .query_plan import QueryPlan
from .query_tree import QueryTree, best_query_tree

DEFAULT_DEADLINE = 5.0  # seconds of processor time; ordinary operations take milliseconds
_MAX_GRAPHS = 64  # one query graph per set of active override labels


@dataclass(frozen=True, slots=True)
class PlanStages:
    """Every value on the way to a plan, to be looked at."""

    operation: Operation
    leaves: tuple[Leaf, ...]
    query_tree: QueryTree
    fetch_graph: FetchGraph
    plan: QueryPlan


class Planner:
    """Holds the query graphs of a supergraph. Plans one operation at a time, from whichever thread: the graphs grow while they are used."""

    def __init__(self, supergraph: Supergraph, deadline: float = DEFAULT_DEADLINE) -> None:
        self.supergraph = supergraph
        self._deadline = deadline
        self._graphs: dict[frozenset[str], QueryGraph] = {}
        self._lock = threading.Lock()

    def plan(
        self, document: DocumentNode, operation_name: str | None = None, override_labels: frozenset[str] = frozenset()
    ) -> QueryPlan:
        """Plan an operation of a document that is valid against the API schema.

        `override_labels` are the labels of progressive @override that are active for this request. Raises PlanningError when there
        is no plan, PlanningLimitExceeded when finding one would take too long.
        """
        return self.stages(document, operation_name, override_labels).plan

    def stages(
        self, document: DocumentNode, operation_name: str | None = None, override_labels: frozenset[str] = frozenset()
    ) -> PlanStages:
        """The same, with all values between."""
        with self._lock:
            try:
                return self._stages(document, operation_name, self._graph(override_labels))
            except RecursionError as error:
                raise PlanningLimitExceeded("the operation is nested too deeply to be planned") from error

    def _stages(self, document: DocumentNode, operation_name: str | None, graph: QueryGraph) -> PlanStages:
        deadline = Deadline(self._deadline)
        operation, finder, leaves = self._leaves(document, operation_name, graph, deadline)
        query_tree = best_query_tree(leaves, finder.cost, deadline)
        deadline.stage = "putting fetches together"
        fetch_graph = optimize_fetch_graph(build_fetch_graph(graph, operation, query_tree, deadline), deadline)
        deadline.stage = "writing the plan"
        plan = build_query_plan(self.supergraph, operation, fetch_graph, query_tree.cost, deadline)
        return PlanStages(operation, tuple(leaves), query_tree, fetch_graph, plan)

    def _leaves(
        self, document: DocumentNode, operation_name: str | None, graph: QueryGraph, deadline: Deadline
    ) -> tuple[Operation, PathFinder, list[Leaf]]:
        """The normalized operation, and what is to be fetched for it."""
        max_states: int | None = MAX_STATES
        while True:
            deadline.stage = "normalizing the operation"
            builder = SelectionBuilder(self.supergraph, deadline)
            operation = normalize_operation(self.supergraph, document, operation_name, builder)
            deadline.stage = "looking for ways to fetch it"
            finder = PathFinder(graph, builder, deadline, max_states)
            try:
                return operation, finder, finder.leaves_of_operation(operation)
            except Unresolvable:
                # Where many subgraphs share a type, the one that has the field may be among those given up.
                if not finder.has_given_up_states:
                    raise
                max_states = None

    def _graph(self, override_labels: frozenset[str]) -> QueryGraph:
        graph = self._graphs.get(override_labels)
        if graph is None:
            if len(self._graphs) >= _MAX_GRAPHS:
                self._graphs.clear()
            graph = self._graphs[override_labels] = QueryGraph(self.supergraph, override_labels)
        return graph


def plan_operation(
    supergraph_or_planner: Supergraph | Planner,
    document: DocumentNode,
    operation_name: str | None = None,
    override_labels: frozenset[str] = frozenset(),
) -> QueryPlan:
    """Plan one operation. Give a Planner rather than a Supergraph when there are several: it keeps the query graph."""
    planner = supergraph_or_planner if isinstance(supergraph_or_planner, Planner) else Planner(supergraph_or_planner)
    return planner.plan(document, operation_name, override_labels)
