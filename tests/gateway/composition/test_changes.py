"""Changes between two API schemas, and the recorded operations that use what changed."""

from __future__ import annotations

import pytest

from gateway.composition.changes import Criticality, RecordedOperation, check_changes

BEFORE = """
type Query { me: User  old(x: Int): String  list(first: Int = 10): [Int!]  find(filter: Filter): Node }
interface Node { id: ID! }
type User implements Node { id: ID! name: String! role: Role }
type Bot implements Node { id: ID! }
union Any = User | Bot
enum Role { ADMIN GUEST }
input Filter { text: String limit: Int! = 3 }
"""

BREAKING, DANGEROUS, SAFE = Criticality.BREAKING, Criticality.DANGEROUS, Criticality.SAFE


@pytest.mark.parametrize(
    ("old", "new", "criticality", "coordinate"),
    [
        ("old(x: Int): String", "", BREAKING, "Query.old"),
        ("name: String!", "name: String", BREAKING, "User.name"),
        ("role: Role", "role: Role!", SAFE, "User.role"),
        ("ADMIN GUEST", "ADMIN", BREAKING, "Role.GUEST"),
        ("ADMIN GUEST", "ADMIN GUEST OWNER", DANGEROUS, "Role.OWNER"),
        ("User | Bot", "User", BREAKING, "Any"),
        ("text: String", "text: String!", BREAKING, "Filter.text"),
        ("text: String", "text: String more: Int", DANGEROUS, "Filter.more"),
        ("text: String", "text: String more: Int!", BREAKING, "Filter"),
        ("first: Int = 10", "first: Int = 20", DANGEROUS, "Query.list(first:)"),
        ("old(x: Int)", "old(x: Int, y: Int!)", BREAKING, "Query.old"),
        ("old(x: Int)", "old", BREAKING, "Query.old(x:)"),
        ("type Bot implements Node", "type Bot", BREAKING, "Bot"),
        ("me: User", "me: User you: User", SAFE, "Query.you"),
    ],
)
def test_change(old: str, new: str, criticality: Criticality, coordinate: str) -> None:
    report = check_changes(BEFORE, BEFORE.replace(old, new, 1))
    found = {(change.criticality, change.coordinate) for change in report.changes}
    assert (criticality, coordinate) in found, report.changes


def test_no_change() -> None:
    assert not check_changes(BEFORE, BEFORE).changes


def test_only_what_is_used_breaks() -> None:
    after = BEFORE.replace("name: String!", "name: String").replace("old(x: Int): String", "")
    operations = [RecordedOperation("web", "{ me { ...F } } fragment F on User { name }")]
    report = check_changes(BEFORE, after, operations)
    assert [(change.coordinate, change.operations) for change in report.breaking] == [("User.name", ("web",))]
    assert [change.coordinate for change in report.safe] == ["Query.old"]


def test_operations_that_were_never_valid_are_named() -> None:
    report = check_changes(BEFORE, BEFORE, [RecordedOperation("bad", "{ nope }"), RecordedOperation("worse", "{")])
    assert [problem.partition(":")[0] for problem in report.unreadable] == ["bad", "worse"]
