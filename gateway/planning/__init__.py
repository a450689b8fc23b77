"""Turn an operation into a QueryPlan.

Reading order: planner (the pipeline), query_plan (its outcome), deadline, operation and normalize/, positions and guards (what
selections carry), paths, best_paths, subgraph_entrances, path_cost, context_needs, query_tree, fetch_graph with document_tree and
representations, optimize/, build_query_plan with print_document, fold_targets and projection; then print_plan and
explain to read it all, draw_cards, draw_plan and draw_stages to see it.
"""

from .draw_plan import plan_to_dot, plan_to_svg
from .draw_stages import stages_to_dot, stages_to_svg
from .explain import explain_stages, print_stages, stages_to_json
from .planner import Planner, PlanStages, plan_operation
from .print_plan import plan_to_json, print_plan
from .query_plan import QueryPlan

__all__ = [
    "PlanStages",
    "Planner",
    "QueryPlan",
    "explain_stages",
    "plan_operation",
    "plan_to_dot",
    "plan_to_json",
    "plan_to_svg",
    "print_plan",
    "print_stages",
    "stages_to_dot",
    "stages_to_json",
    "stages_to_svg",
]
