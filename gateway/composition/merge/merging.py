"""What merging a type needs beside the state: the enum usages seen so far, and the directives to be applied at the end."""

from __future__ import annotations

from dataclasses import dataclass

from .applied_directives import AppliedDirectives
from .enum_usages import EnumUsages
from .state import Merge


@dataclass(slots=True)
class Merging:
    state: Merge
    applied: AppliedDirectives
    enum_usages: EnumUsages
