"""Merge unions: all members of all subgraphs."""

from __future__ import annotations

from ...specs.join import UNION_MEMBER
from ..hint_codes import HintCode
from ..schema import TypeDefinition
from .merging import Merging
from .sources import Sources, present


def merge_union(merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition) -> None:
    state = merging.state
    for _, source in present(sources):
        destination.members.update(dict.fromkeys(source.members))
    for member in destination.members:
        for index, source in present(sources):
            if member in source.members:
                destination.apply(UNION_MEMBER, {"graph": state.graph_values[index], "member": member})
        if any(member not in source.members for _, source in present(sources)):
            _hint_on_missing_member(merging, sources, destination, member)


def _hint_on_missing_member(
    merging: Merging, sources: Sources[TypeDefinition], destination: TypeDefinition, member: str
) -> None:
    merging.state.report.presence_hint(
        HintCode.INCONSISTENT_UNION_MEMBER,
        f'Union type "{destination.name}" includes member type "{member}" in some but not all defining subgraphs: ',
        destination,
        sources,
        lambda source: member in source.members,
        f'"{member}" is defined in {{}}',
    )
