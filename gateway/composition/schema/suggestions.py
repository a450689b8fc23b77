"""Names close to one that was mistyped, for "Did you mean ...?"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_SUGGESTIONS = 5


def suggestions_for(name: str, options: Iterable[str]) -> list[str]:
    """The options that are near enough, nearest first."""
    threshold = int(len(name) * 0.4) + 1
    lowered = name.lower()
    distances: dict[str, int] = {}
    for option in options:
        if abs(len(option) - len(name)) > threshold:
            continue
        distance = 1 if option.lower() == lowered else _distance(name, option)
        if distance <= threshold:
            distances[option] = distance
    return sorted(distances, key=lambda option: (distances[option], option.lower()))


def did_you_mean(suggestions: Sequence[str]) -> str:
    quoted = [f'"{suggestion}"' for suggestion in suggestions[:MAX_SUGGESTIONS]]
    if not quoted:
        return ""
    if len(quoted) <= 2:
        return f" Did you mean {' or '.join(quoted)}?"
    return f" Did you mean {', '.join(quoted[:-1])}, or {quoted[-1]}?"


def _distance(left: str, right: str) -> int:
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (char != other)))
        previous = current
    return previous[-1]
