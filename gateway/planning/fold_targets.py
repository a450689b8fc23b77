"""Fold targets that differ in one type condition of their paths: `a|Book.b` and `a|Magazine.b` become `a|Book|Magazine.b`."""

from __future__ import annotations

from collections.abc import Iterable

from .query_plan import EntityTarget, PathStep, ResponsePath, TypeStep


def fold_targets(targets: Iterable[EntityTarget]) -> tuple[EntityTarget, ...]:
    """The same objects in fewer targets."""
    alike: dict[object, list[EntityTarget]] = {}
    for target in targets:
        # Only targets with the same steps but for their type conditions can be folded.
        steps = tuple(TypeStep if isinstance(step, TypeStep) else step for step in target.path)
        alike.setdefault((steps, target.representations, target.conditions), []).append(target)
    return tuple(target for group in alike.values() for target in _fold(group))


def _fold(targets: list[EntityTarget]) -> list[EntityTarget]:
    folded: list[EntityTarget] = []
    for target in targets:
        while (partner := _partner(folded, target)) is not None:
            folded.remove(partner)
            path = _folded(partner.path, target.path)
            assert path is not None
            target = EntityTarget(path, target.representations, target.conditions)
        folded.append(target)
    return folded


def _partner(folded: list[EntityTarget], target: EntityTarget) -> EntityTarget | None:
    return next((other for other in folded if _folded(other.path, target.path) is not None), None)


def _folded(first: ResponsePath, second: ResponsePath) -> ResponsePath | None:
    """One path for both; None when they differ in more than one type condition."""
    if len(first) != len(second):
        return None
    steps: list[PathStep] = []
    differences = 0
    for one, other in zip(first, second, strict=True):
        if one == other:
            steps.append(one)
        elif isinstance(one, TypeStep) and isinstance(other, TypeStep):
            differences += 1
            steps.append(TypeStep(one.type_names | other.type_names))
        else:
            return None
    return tuple(steps) if differences <= 1 else None
