"""Turn subgraphs of federation 1 into what they mean in federation 2.

Reading order: upgrade (the steps), clone (the original stays as it was, the steps look at it), inactive_field_sets.
"""

from __future__ import annotations

from .upgrade import upgrade_subgraphs

__all__ = ["upgrade_subgraphs"]
