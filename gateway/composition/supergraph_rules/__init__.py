"""What the merged supergraph must keep, one rule per file; each rule tells its errors in terms of the subgraphs.

Reading order: interface_fields_implemented, requires_with_arguments, transitive_access_control; then, once those hold,
inaccessible_elements (with inaccessible_references) for the API schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from ..errors import CompositionError
from ..merge.state import Merge
from .inaccessible_elements import inaccessible_elements
from .interface_fields_implemented import interface_fields_implemented
from .requires_with_arguments import requires_with_arguments
from .transitive_access_control import transitive_access_control

SupergraphRule: TypeAlias = Callable[[Merge], Iterable[CompositionError]]

SUPERGRAPH_RULES: tuple[SupergraphRule, ...] = (
    interface_fields_implemented,
    requires_with_arguments,
    transitive_access_control,
)

__all__ = ["SUPERGRAPH_RULES", "SupergraphRule", "inaccessible_elements"]
