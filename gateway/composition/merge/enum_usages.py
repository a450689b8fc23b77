"""Where enums are used, as input, output or both: how their values merge depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..schema import Argument, Field


@dataclass(slots=True)
class EnumUsage:
    """Examples of use; None where there is none."""

    input: Argument | Field | None = None
    output: Field | None = None


@dataclass(slots=True)
class EnumUsages:
    _by_name: dict[str, EnumUsage] = field(default_factory=dict)

    def record_input(self, name: str, example: Argument | Field) -> None:
        usage = self._by_name.setdefault(name, EnumUsage())
        usage.input = usage.input or example

    def record_output(self, name: str, example: Field) -> None:
        usage = self._by_name.setdefault(name, EnumUsage())
        usage.output = usage.output or example

    def of(self, name: str) -> EnumUsage | None:
        return self._by_name.get(name)
