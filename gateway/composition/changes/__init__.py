"""What a change of the API does to its clients: breaking, dangerous or safe, and for which recorded operations.

Reading order: change (what is found), compare (all differences of two API schemas), used_coordinates (what operations use), check
(both together).
"""

from __future__ import annotations

from .change import Change, Criticality
from .check import ChangeReport, RecordedOperation, check_changes
from .compare import compare_schemas

__all__ = ["Change", "ChangeReport", "Criticality", "RecordedOperation", "check_changes", "compare_schemas"]
