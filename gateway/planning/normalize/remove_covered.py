"""Drop leaf fields that a wider region of the same position selects anyway: `name ... on Cat { name }` becomes `name`."""

from __future__ import annotations

from ..guards import covers
from .collect_fields import Collected, FieldDraft


def remove_covered(collected: Collected) -> Collected:
    """A copy without leaf drafts whose object types, conditions and deferral another region covers."""
    if len(collected.regions) == 1:
        return collected
    regions = {
        (type_name, types): {
            response_key: draft
            for response_key, draft in drafts.items()
            if not any(
                types <= other_types
                and (type_name, types) != (other_name, other_types)
                # Of two regions with the same types the first one keeps the field.
                and (
                    types != other_types
                    or _order(collected, other_name, other_types) < _order(collected, type_name, types)
                )
                and _is_covered(draft, other_drafts.get(response_key))
                for (other_name, other_types), other_drafts in collected.regions.items()
            )
        }
        for (type_name, types), drafts in collected.regions.items()
    }
    return Collected({key: drafts for key, drafts in regions.items() if drafts}, collected.defer_marks)


def _order(collected: Collected, type_name: str, types: frozenset[str]) -> int:
    return list(collected.regions).index((type_name, types))


def _is_covered(draft: FieldDraft, other: FieldDraft | None) -> bool:
    if other is None or draft.node.selection_set is not None:
        return False
    deferred, other_deferred = {d for _, d, _ in draft.instances}, {d for _, d, _ in other.instances}
    return covers(other.guard, draft.guard) and deferred <= other_deferred
