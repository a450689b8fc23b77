"""Satisfiability: every query on the API schema can be answered by the subgraphs, over the query graph that planning uses.

Reading order: supergraph_model (the merged schema as the query graph wants it), moves (what can be reached from a node), walk (all
paths of the API schema, with the nodes each can be at), advance (one step of that), then what is told: dead_ends, witness,
runtime_types.
"""

from __future__ import annotations

from .walk import SatisfiabilityResult, check_satisfiability

__all__ = ["SatisfiabilityResult", "check_satisfiability"]
