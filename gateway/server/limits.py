"""Limits before work: bounds on an operation's text, checked before it is parsed, and on its document, before it is
validated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from .refusals import LimitExceeded
from .settings_safety import Limit, LimitMode, LimitSettings

# One alternative for each kind of token (spec, 2.1.7); strings first, so that what is in them is not counted.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*"""|"(?:[^"\\\n\r]|\\.)*"|(?P<comment>#[^\n\r]*)'
    r"|[_A-Za-z][_0-9A-Za-z]*|-?[0-9][0-9.eE+-]*|\.\.\.|[!$&():=@\[\]{|}]"
)

# Written out, an operation of the token limit without fragments has a fourth of this at most. Not a setting: without
# it fragments that spread each other twice would have 2^n fields.
MAX_FIELDS = 20_000

# In one selection set: as many fragments as anybody spreads there, and few enough to be quickly compared.
FREE_TYPENAMES = 30

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})
INTROSPECTION_DEPTH = -1  # stands for any

ExceededCallback = Callable[[str, LimitMode], None]


@dataclass(slots=True)
class DocumentMeasures:
    """What an operation amounts to, fragments followed; the largest operation of the document counts."""

    fields: int = 0
    """Counted up to MAX_FIELDS + 1; what lies beyond is not looked at."""
    depth: int = 0
    aliases: int = 0
    root_fields: int = 0
    directives: int = 0
    duplicate_fields: int = 0


class OperationLimits:
    """Checks one operation after the other against the settings; `on_exceeded` hears of each limit that is passed."""

    def __init__(self, settings: LimitSettings, on_exceeded: ExceededCallback = lambda name, mode: None) -> None:
        self._settings = settings
        self._on_exceeded = on_exceeded

    def check_text(self, text: str) -> None:
        """Refuse a text that is too long or has too many tokens or comments. Raises LimitExceeded."""
        settings = self._settings
        self._check("characters", settings.characters, len(text))
        if len(text) <= settings.tokens.max and len(text) <= settings.comments.max:
            return  # it cannot have more tokens than characters
        # Bounded: what comes after the limit is not looked at.
        bound = max(settings.tokens.max, settings.comments.max) * 2 + 1
        tokens = comments = 0
        for match in _TOKEN.finditer(text):
            if match.lastgroup is None:
                tokens += 1
            else:
                comments += 1
            if tokens + comments > bound:
                break
        self._check("tokens", settings.tokens, tokens)
        self._check("comments", settings.comments, comments)

    def check_document(self, document: DocumentNode) -> None:
        """Refuse a document that is too deep or too wide. Raises LimitExceeded."""
        settings = self._settings
        measures = measure(document)
        if measures.fields > MAX_FIELDS:
            raise LimitExceeded(
                "fields", f"The operation has more than {MAX_FIELDS} fields when its fragments are written out."
            )
        self._check("depth", settings.depth, measures.depth)
        self._check("aliases", settings.aliases, measures.aliases)
        self._check("root_fields", settings.root_fields, measures.root_fields)
        self._check("directives", settings.directives, measures.directives)
        self._check("duplicate_fields", settings.duplicate_fields, measures.duplicate_fields)

    def check_cost(self, cost: int, *, is_declared: bool) -> None:
        """Refuse an operation that costs too much. Raises LimitExceeded."""
        if is_declared:
            self._check("cost", self._settings.cost, cost)
        else:
            self._check("guessed_cost", self._settings.guessed_cost, cost)

    def _check(self, name: str, limit: Limit, value: int) -> None:
        if value <= limit.max or limit.mode is LimitMode.OFF:
            return
        self._on_exceeded(name, limit.mode)
        if limit.mode is LimitMode.ENFORCE:
            label = name.replace("_", " ")
            raise LimitExceeded(name, f"The operation has {value} {label}; at most {limit.max} are allowed.")


def measure(document: DocumentNode) -> DocumentMeasures:
    """Measure a document; at most MAX_FIELDS fields are visited, however its fragments multiply."""
    fragments = {it.name.value: it for it in document.definitions if isinstance(it, FragmentDefinitionNode)}
    largest = DocumentMeasures()
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            found = _Measurement(fragments).of_operation(definition)
            for name in DocumentMeasures.__slots__:
                setattr(largest, name, max(getattr(largest, name), getattr(found, name)))
    return largest


class _Measurement:
    """Walks one operation with an explicit stack: a hostile depth must not end in a RecursionError."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments

    def of_operation(self, operation: OperationDefinitionNode) -> DocumentMeasures:
        measures = DocumentMeasures(directives=len(operation.directives or ()))
        stack: list[tuple[SelectionSetNode, int]] = [(operation.selection_set, 1)]
        while stack:
            selection_set, depth = stack.pop()
            if depth != INTROSPECTION_DEPTH:
                measures.depth = max(measures.depth, depth)
            seen: dict[str, int] = {}
            for field in self._fields(selection_set, measures):
                measures.fields += 1
                if measures.fields > MAX_FIELDS:
                    return measures
                self._count(field, depth, seen, measures)
                if field.selection_set is not None:
                    # How deep introspection may go is a validation rule's (MaxIntrospectionDepthRule); tools go to 15.
                    is_introspection = field.name.value in INTROSPECTION_FIELDS or depth == INTROSPECTION_DEPTH
                    stack.append((field.selection_set, INTROSPECTION_DEPTH if is_introspection else depth + 1))
        return measures

    def _count(self, field: FieldNode, depth: int, seen: dict[str, int], measures: DocumentMeasures) -> None:
        if depth == 1:
            measures.root_fields += 1
        if field.alias is not None and field.name.value != "__typename":
            measures.aliases += 1
        key = (field.alias or field.name).value
        seen[key] = count = seen.get(key, 0) + 1
        # Clients put __typename into every fragment.
        if count > (FREE_TYPENAMES if key == "__typename" else 1):
            measures.duplicate_fields += 1

    def _fields(self, selection_set: SelectionSetNode, measures: DocumentMeasures) -> Iterator[FieldNode]:
        """Yield the fields of one level; fragments lie on the level of their spread."""
        pending = [selection_set]
        entered: set[str] = set()
        while pending:
            for selection in pending.pop().selections:
                measures.directives += len(selection.directives or ())
                if isinstance(selection, FieldNode):
                    yield selection
                elif isinstance(selection, InlineFragmentNode):
                    pending.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in entered:
                    entered.add(selection.name.value)
                    fragment = self._fragments.get(selection.name.value)
                    if fragment is not None:
                        pending.append(fragment.selection_set)
