"""Turn an operation into a QueryPlan.

Reading order: planner (the pipeline), query_plan (its outcome), operation and normalize/, positions and guards (what selections carry),
paths, best_paths, path_cost, context_needs, query_tree, fetch_graph with document_tree and representations, optimize/,
build_query_plan with print_document and projection.
"""

from .planner import Planner, PlanStages, plan_operation
from .query_plan import QueryPlan

__all__ = ["PlanStages", "Planner", "QueryPlan", "plan_operation"]
