"""Print the document of a fetch, ready to send: one line, no needless blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graphql import ArgumentNode, OperationDefinitionNode
from graphql.language import print_ast

from .document_tree import DocumentField, DocumentTree
from .guards import ALWAYS, Guard, common_conditions, covers, without
from .query_plan import Condition, OperationKind

_VARIABLE = re.compile(r"\$([_A-Za-z][_0-9A-Za-z]*)")

MAX_REPEATED_BODY = 400  # characters


@dataclass(frozen=True, slots=True)
class EntitiesSelection:
    """One `_entities` field of a document."""

    alias: str
    variable_name: str
    tree: DocumentTree
    guard: Guard


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """The text, and the client's variables that it uses."""

    text: str
    variable_names: tuple[str, ...]


def print_root_document(
    kind: OperationKind, name: str | None, tree: DocumentTree, guard: Guard, definition: OperationDefinitionNode
) -> PrintedDocument:
    """A document that starts at a root type."""
    return _printed(kind, name, print_tree(tree, guard), {}, definition)


def print_entities_document(
    name: str | None,
    selections: Iterable[EntitiesSelection],
    guard: Guard,
    context_types: dict[str, str],
    definition: OperationDefinitionNode,
) -> PrintedDocument:
    """A document of one or more `_entities` fields. `context_types` are the variables of @fromContext arguments, with their types."""
    own = dict(context_types)
    parts = []
    for selection in selections:
        own[selection.variable_name] = "[_Any!]!"
        alias = "" if selection.alias == "_entities" else f"{selection.alias}:"
        text = f"{alias}_entities(representations:${selection.variable_name})"
        parts.append(_guarded(text, print_tree(selection.tree, selection.guard), _left(selection.guard, guard)))
    return _printed("query", name, "{" + " ".join(parts) + "}", own, definition)


def print_tree(tree: DocumentTree, guard: Guard) -> str:
    """A selection set; `guard` is what is known to hold when it is reached."""
    parts = ["__typename"] if tree.selects_typename else []
    parts += [_print_field(field, guard) for field in tree.fields.values()]
    for type_name, fragment in tree.fragments.items():
        parts.append(f"...on {type_name}{print_tree(fragment, guard)}")
    return "{" + (" ".join(parts) or "__typename") + "}"


def _print_field(field: DocumentField, guard: Guard) -> str:
    text = field.field_name if field.tree_key == field.field_name else f"{field.tree_key}:{field.field_name}"
    from_context = dict(field.argument_variables)
    arguments = [_print_argument(argument) for argument in field.arguments if argument.name.value not in from_context]
    arguments += [f"{name}:${variable}" for name, variable in from_context.items()]
    if arguments:
        text += "(" + ",".join(arguments) + ")"
    if field.directives_text:
        text += " " + field.directives_text
    body = print_tree(field.child, field.guard) if field.child is not None else ""
    return _guarded(text, body, _left(field.guard, guard))


def _print_argument(argument: ArgumentNode) -> str:
    return f"{argument.name.value}:{print_ast(argument.value)}"


def _left(guard: Guard, known: Guard) -> Guard:
    """What of a guard must be written down where `known` holds anyway."""
    if covers(guard, known):
        return ALWAYS
    return without(guard, common_conditions(known))


def _guarded(text: str, body: str, guard: Guard) -> str:
    """A field under its conditions; more than one of a kind, or alternatives, need fragments around the field."""
    # Repeating a long body per alternative, level by level, would explode: it is fetched in any case then.
    if guard == ALWAYS or (len(guard) > 1 and len(body) > MAX_REPEATED_BODY):
        return text + body
    parts = []
    for alternative in sorted(guard, key=lambda one: sorted((c.variable_name, c.negated) for c in one)):
        conditions = sorted(alternative, key=lambda c: (c.negated, c.variable_name))
        on_field = {condition.negated: condition for condition in reversed(conditions)}
        part = text + "".join(_print_condition(one) for one in on_field.values()) + body
        for condition in conditions:
            if condition not in on_field.values():
                part = f"...{_print_condition(condition)}{{{part}}}"
        parts.append(part)
    return " ".join(parts)


def _print_condition(condition: Condition) -> str:
    return f"@{'skip' if condition.negated else 'include'}(if:${condition.variable_name})"


def _printed(
    kind: OperationKind, name: str | None, body: str, own_variables: dict[str, str], definition: OperationDefinitionNode
) -> PrintedDocument:
    used = set(_VARIABLE.findall(_without_strings(body)))
    variables = [f"${variable}:{type_text}" for variable, type_text in own_variables.items() if variable in used]
    names = []
    for node in definition.variable_definitions or ():
        variable = node.variable.name.value
        if variable in used and variable not in own_variables:
            names.append(variable)
            default = f"={print_ast(node.default_value)}" if node.default_value is not None else ""
            variables.append(f"${variable}:{print_ast(node.type)}{default}")
    head = f"{kind} {name}" if name else kind
    if variables:
        head += "(" + ",".join(variables) + ")"
    # An anonymous query without variables is its selection set alone.
    return PrintedDocument(body if head == "query" else head + body, tuple(names))


def _without_strings(text: str) -> str:
    if '"' not in text:
        return text
    return re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"', '""', text)
