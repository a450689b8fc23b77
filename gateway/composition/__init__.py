"""Composition: the SDL of subgraphs becomes the SDL of one supergraph, with the verdict of the reference implementation.

Reading order: compose (the steps); subgraph (load and check one), schema/ (the model), metadata, subgraph_rules/, upgrade/
(federation 1); merge/; supergraph_rules/; satisfiability/; errors, hints, advice, locations (what is told, and where).
"""

from __future__ import annotations

from .compose import CompositionOptions, CompositionResult, compose
from .error_codes import ErrorCode
from .errors import CompositionError
from .hint_codes import HintCode, HintLevel
from .hints import CompositionHint
from .subgraph import SubgraphDefinition

__all__ = [
    "CompositionError",
    "CompositionHint",
    "CompositionOptions",
    "CompositionResult",
    "ErrorCode",
    "HintCode",
    "HintLevel",
    "SubgraphDefinition",
    "compose",
]
