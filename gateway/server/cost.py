"""The static cost of an operation by @cost and @listSize, as a formula that is built once and evaluated per request.

Rules of IBM's cost directive specification, with Apollo's defaults: an object costs 1, a scalar or enum 0, a mutation
10; a list multiplies what is in it by its size, which is a slicing argument, or @listSize(assumedSize:), or the
setting. https://ibm.github.io/graphql-specs/cost-spec.html

A field without @listSize is read as the common conventions mean it: `first`, `last` and `limit` say how many items come,
of the field itself or of the `edges`, `nodes` or `items` of the connection that it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

Variables: TypeAlias = Mapping[str, Any]
Cost: TypeAlias = Callable[[Variables], int]

MUTATION_COST = 10
OBJECT_COST = 1
# Relay's cursor connections, and what is as common.
SLICING_ARGUMENTS = ("first", "last", "limit")
PAGE_FIELDS = ("edges", "nodes", "items")
# A product of list sizes needs no more digits than this to be refused.
_CEILING = 10**12


class CostModel:
    """What each field of a supergraph costs; read once from its document."""

    def __init__(self, document: DocumentNode, root_types: Mapping[str, str], assumed_list_size: int) -> None:
        self._root_types = root_types
        self._assumed_list_size = assumed_list_size
        self._fields: dict[str, dict[str, FieldDefinitionNode]] = {}
        self._weights: dict[str, int] = {}
        for definition in document.definitions:
            name = getattr(getattr(definition, "name", None), "value", "")
            weight = _directive_int(getattr(definition, "directives", ()), "cost", "weight")
            if weight is not None:
                self._weights[name] = weight
            if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                self._fields[name] = {field.name.value: field for field in definition.fields or ()}
        self.is_declared = bool(self._weights) or any(
            directive.name.value.split("__")[-1] in {"cost", "listSize"}
            for fields in self._fields.values()
            for field in fields.values()
            for directive in field.directives or ()
        )
        """Whether the supergraph says anything of costs or sizes itself."""

    def formula(self, document: DocumentNode, operation_name: str | None) -> int | Cost:
        """Return the cost of an operation: a number, or where variables set the sizes of lists a function of them."""
        fragments = {it.name.value: it for it in document.definitions if isinstance(it, FragmentDefinitionNode)}
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode) and (
                operation_name is None or (operation.name is not None and operation.name.value == operation_name)
            ):
                root = self._root_types.get(operation.operation.value, "")
                base = MUTATION_COST if operation.operation is OperationType.MUTATION else 0
                # What a client leaves out has the default that the client wrote itself.
                defaults = {
                    it.variable.name.value: value_from_ast_untyped(it.default_value)
                    for it in operation.variable_definitions or ()
                    if it.default_value is not None
                }
                builder = _Builder(self, fragments, defaults)
                inner = builder.selections(operation.selection_set, root, {})
                if not builder.uses_variables:
                    return min(_CEILING, base + inner({}))
                return lambda variables: min(_CEILING, base + inner(variables))
        return 0

    def field(self, type_name: str, field_name: str) -> FieldDefinitionNode | None:
        """Return a field's definition; None for introspection and for members of unions."""
        return self._fields.get(type_name, {}).get(field_name)

    def own_cost(self, definition: FieldDefinitionNode) -> int:
        """Return what one value of the field costs without its sub-selections."""
        weight = _directive_int(definition.directives, "cost", "weight")
        if weight is not None:
            return weight
        name = _named_type(definition.type)
        is_composite = name in self._fields or name in self._weights
        return self._weights.get(name, OBJECT_COST if is_composite else 0)

    @property
    def assumed_list_size(self) -> int:
        """Items of a list that says nothing of its size."""
        return self._assumed_list_size


class _Builder:
    def __init__(
        self, model: CostModel, fragments: Mapping[str, FragmentDefinitionNode], defaults: Mapping[str, Any]
    ) -> None:
        self._model = model
        self._fragments = fragments
        self._defaults = defaults
        self._entered: set[str] = set()
        self._spreads: dict[str, Cost] = {}
        self.uses_variables = False

    def selections(self, selection_set: SelectionSetNode, type_name: str, sized: Mapping[str, Cost]) -> Cost:
        """`sized`: sizes that the parent's @listSize(sizedFields:) gives to lists among these selections."""
        parts: list[Cost] = []
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                parts.append(self._field(selection, type_name, sized))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                parts.append(
                    self.selections(selection.selection_set, condition.name.value if condition else type_name, sized)
                )
            elif isinstance(selection, FragmentSpreadNode):
                parts.append(self._spread(selection.name.value, sized))
        return lambda variables: sum(part(variables) for part in parts)

    def _spread(self, name: str, sized: Mapping[str, Cost]) -> Cost:
        fragment = self._fragments.get(name)
        if fragment is None or name in self._entered:
            return lambda variables: 0
        # Fragments that spread each other twice would otherwise be built 2^n times.
        if name in self._spreads:
            return self._spreads[name]
        self._entered.add(name)
        cost = self.selections(fragment.selection_set, fragment.type_condition.name.value, sized)
        self._entered.discard(name)
        if not sized:
            self._spreads[name] = cost
        return cost

    def _field(self, field: FieldNode, type_name: str, sized: Mapping[str, Cost]) -> Cost:
        definition = self._model.field(type_name, field.name.value)
        if definition is None:
            return lambda variables: 0
        own = self._model.own_cost(definition)
        size, inner_sizes = self._list_size(field, definition)
        if field.name.value in sized:
            size = sized[field.name.value]
        inner: Cost = lambda variables: 0  # noqa: E731  a formula like all others here
        if field.selection_set is not None:
            inner = self.selections(field.selection_set, _named_type(definition.type), inner_sizes)
        if not _is_list(definition.type):
            return lambda variables: own + inner(variables)
        return lambda variables: min(_CEILING, size(variables) * (own + inner(variables)))

    def _list_size(self, field: FieldNode, definition: FieldDefinitionNode) -> tuple[Cost, Mapping[str, Cost]]:
        assumed = self._model.assumed_list_size
        directive = next(
            (it for it in definition.directives or () if it.name.value.split("__")[-1] == "listSize"), None
        )
        slicing: Sequence[str] = SLICING_ARGUMENTS
        sized_fields: Sequence[str] = PAGE_FIELDS
        if directive is not None:
            arguments = {argument.name.value: argument.value for argument in directive.arguments or ()}
            if isinstance(given := arguments.get("assumedSize"), IntValueNode):
                assumed = int(given.value)
            slicing = [value.value for value in getattr(arguments.get("slicingArguments"), "values", ())]
            sized_fields = [value.value for value in getattr(arguments.get("sizedFields"), "values", ())]
        readers = [reader for name in slicing if (reader := self._argument_reader(field, definition, name)) is not None]

        def size(variables: Variables) -> int:
            sizes = [value for reader in readers if (value := reader(variables)) is not None]
            return max(sizes) if sizes else assumed

        return size, dict.fromkeys(sized_fields, size) if readers or directive is not None else {}

    def _argument_reader(
        self, field: FieldNode, definition: FieldDefinitionNode, path: str
    ) -> Callable[[Variables], int | None] | None:
        name, *inner = path.split(".")
        default = next((it.default_value for it in definition.arguments or () if it.name.value == name), None)
        value: ValueNode | None = next((it.value for it in field.arguments or () if it.name.value == name), default)
        steps = list(inner)
        while steps and value is not None and not isinstance(value, VariableNode):
            step = steps.pop(0)
            value = next((it.value for it in getattr(value, "fields", ()) if it.name.value == step), None)
        if isinstance(value, IntValueNode):
            number = max(0, int(value.value))
            return lambda variables: number
        if not isinstance(value, VariableNode):
            return None
        self.uses_variables = True
        variable_name = value.name.value
        variable_default = self._defaults.get(variable_name)
        # A variable that is not there leaves the argument to its own default.
        own_default = value_from_ast_untyped(default) if default is not None else None

        def read(variables: Variables) -> int | None:
            if variable_name in variables or variable_default is not None:
                return _size(variables.get(variable_name, variable_default), steps)
            return _size(own_default, inner)

        return read


def _size(value: Any, steps: Sequence[str]) -> int | None:
    """Return the number that lies in a value; None where there is none."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    # 100.0 is an Int, too.
    return int(min(max(0, value), _CEILING)) if isinstance(value, int | float) else None


def _directive_int(directives: tuple[ConstDirectiveNode, ...] | None, name: str, argument: str) -> int | None:
    for directive in directives or ():
        if directive.name.value.split("__")[-1] != name:
            continue
        for given in directive.arguments or ():
            if given.name.value == argument and isinstance(given.value, IntValueNode):
                return int(given.value.value)
    return None


def _named_type(type_node: TypeNode) -> str:
    while isinstance(type_node, NonNullTypeNode | ListTypeNode):
        type_node = type_node.type
    assert isinstance(type_node, NamedTypeNode)
    return type_node.name.value


def _is_list(type_node: TypeNode) -> bool:
    if isinstance(type_node, NonNullTypeNode):
        type_node = type_node.type
    return isinstance(type_node, ListTypeNode)
