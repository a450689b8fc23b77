"""What federation asks of each subgraph by itself, one rule per file; they run in the order of the list below.

root_type_names first, because it renames; then field sets (key, requires, provides), contexts, what is external, interfaces
and their keys, @tag, @shareable, cost and access control. All of them need a schema that is valid GraphQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from ..errors import CompositionError
from ..metadata import SubgraphMetadata
from .access_control_on_interfaces import access_control_on_interfaces
from .context_names import context_names
from .cost_on_interface_fields import cost_on_interface_fields
from .external_on_interfaces import external_on_interfaces
from .from_context_arguments import from_context_arguments
from .interface_keys_on_implementations import interface_keys_on_implementations
from .interface_objects_are_entities import interface_objects_are_entities
from .key_fields import key_fields
from .list_sizes import list_sizes
from .provides_fields import provides_fields
from .requires_fields import requires_fields
from .root_type_names import rename_root_types
from .shareable_usage import shareable_usage
from .tag_definition import tag_definition
from .unused_externals import unused_externals

SubgraphRule: TypeAlias = Callable[[SubgraphMetadata], Iterable[CompositionError]]

SUBGRAPH_RULES: tuple[SubgraphRule, ...] = (
    key_fields,
    requires_fields,
    provides_fields,
    context_names,
    from_context_arguments,
    external_on_interfaces,
    unused_externals,
    interface_keys_on_implementations,
    interface_objects_are_entities,
    tag_definition,
    shareable_usage,
    cost_on_interface_fields,
    list_sizes,
    access_control_on_interfaces,
)

__all__ = ["SUBGRAPH_RULES", "SubgraphRule", "rename_root_types"]
