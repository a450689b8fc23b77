"""@inaccessible: what is hidden must not be missed by what is left, the API schema."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import Node

from ..error_codes import ErrorCode
from ..errors import CompositionError, error, nodes_of
from ..merge.state import Merge
from ..schema import Argument, DirectiveDefinition, Element, EnumValue, Field, Kind, RootKind, Schema, TypeDefinition
from ..schema.elements import EXECUTABLE_LOCATIONS
from ..schema.references import referencers
from .inaccessible_references import default_value_references


def inaccessible_elements(merge: Merge) -> Iterator[CompositionError]:
    if merge.inaccessible is None:
        return
    for found in _Check(merge.supergraph, merge.inaccessible).errors():
        yield CompositionError(found.code, found.message, tuple(_nodes(merge, found)), None, found.inaccessible)


def _nodes(merge: Merge, found: CompositionError) -> Iterator[Node]:
    """Where the subgraphs hide the elements, and where they refer to them."""
    hidden, referring = found.inaccessible or ((), ())
    for coordinate in hidden:
        for subgraph in merge.subgraphs:
            element = subgraph.schema.element(coordinate)
            if element is not None and element.has(subgraph.metadata.name_of("inaccessible")):
                yield from nodes_of([element])
    for coordinate in referring:
        yield from nodes_of(subgraph.schema.element(coordinate) for subgraph in merge.subgraphs)


class _Check:
    def __init__(self, schema: Schema, directive: str) -> None:
        self.schema = schema
        self.directive = directive
        self.references = default_value_references(schema)

    def errors(self) -> Iterator[CompositionError]:
        for type_ in self.schema.all_types():
            if type_.name in self.schema.BUILT_IN_SCALARS:
                yield from self._disallowed(type_, f'Built-in type "{type_.name}" cannot use @inaccessible.')
            elif self._is_of_spec(type_):
                yield from self._disallowed(type_, f'Core feature type "{type_.name}" cannot use @inaccessible.')
            elif self._is_hidden(type_):
                yield from self._references_to_hidden(type_)
            else:
                yield from self._visible_type(type_)
        for definition in self.schema.all_directives():
            yield from self._directive_errors(definition)

    def _is_hidden(self, element: Element) -> bool:
        return element.has(self.directive)

    def _is_visible(self, element: Element) -> bool:
        """Whether it is in the API schema: neither hidden itself nor part of something hidden."""
        if self._is_hidden(element):
            return False
        parent = getattr(element, "parent", None)
        return parent is None or self._is_visible(parent)

    def _is_of_spec(self, element: TypeDefinition | DirectiveDefinition) -> bool:
        features = self.schema.features
        return features is not None and any(feature.owns(element) for feature in features.all())

    def _error(
        self, code: ErrorCode, message: str, hidden: list[str], referring: list[str], *at: object
    ) -> CompositionError:
        found = error(code, message, *at)
        return CompositionError(found.code, found.message, found.nodes, None, (tuple(hidden), tuple(referring)))

    def _disallowed(self, element: TypeDefinition | DirectiveDefinition, message: str) -> Iterator[CompositionError]:
        elements: list[Element] = [element]
        if isinstance(element, TypeDefinition):
            elements = list(element.elements())
        else:
            elements += element.arguments.values()
        hidden = [found.coordinate for found in elements if self._is_hidden(found)]
        if hidden:
            yield self._error(ErrorCode.DISALLOWED_INACCESSIBLE, message, hidden, [element.coordinate])

    def _references_to_hidden(self, type_: TypeDefinition) -> Iterator[CompositionError]:
        for referring in referencers(self.schema, type_.name):
            if isinstance(referring, Field | Argument) and self._is_visible(referring):
                yield self._error(
                    ErrorCode.REFERENCED_INACCESSIBLE,
                    f'Type "{type_.name}" is @inaccessible but is referenced by "{referring.coordinate}", which is in the API'
                    " schema.",
                    [type_.name],
                    [referring.coordinate],
                )
            elif referring is self.schema and self.schema.root(RootKind.QUERY) is type_:
                yield self._error(
                    ErrorCode.QUERY_ROOT_TYPE_INACCESSIBLE,
                    f'Type "{type_.name}" is @inaccessible but is the root query type, which must be in the API schema.',
                    [type_.name],
                    [],
                )

    def _visible_type(self, type_: TypeDefinition) -> Iterator[CompositionError]:
        yield from self._all_children_hidden(type_)
        match type_.kind:
            case Kind.OBJECT | Kind.INTERFACE:
                for field in type_.fields.values():
                    if self._is_hidden(field):
                        yield from self._hidden_implementation(field)
                    else:
                        for argument in field.arguments.values():
                            if self._is_hidden(argument):
                                yield from self._hidden_argument(field, argument)
            case Kind.INPUT_OBJECT:
                for field in type_.fields.values():
                    if self._is_hidden(field):
                        yield from self._hidden_input_field(field)
            case Kind.ENUM:
                for value in type_.values.values():
                    if self._is_hidden(value):
                        yield from self._used_in_defaults(value, "Enum value")

    def _all_children_hidden(self, type_: TypeDefinition) -> Iterator[CompositionError]:
        children: list[Element] = []
        match type_.kind:
            case Kind.OBJECT | Kind.INTERFACE:
                what, children = "fields", list(type_.fields.values())
            case Kind.INPUT_OBJECT:
                what, children = "input fields", list(type_.fields.values())
            case Kind.UNION:
                what, children = "members", [self.schema.types[name] for name in type_.members]
            case Kind.ENUM:
                what, children = "values", list(type_.values.values())
            case _:
                return
        if all(self._is_hidden(child) for child in children):
            yield self._error(
                ErrorCode.ONLY_INACCESSIBLE_CHILDREN,
                f'Type "{type_.name}" is in the API schema but all of its {what} are @inaccessible.',
                [child.coordinate for child in children],
                [type_.name],
            )

    def _hidden_implementation(self, field: Field) -> Iterator[CompositionError]:
        for name in field.parent.interfaces:
            implemented = self.schema.types[name].fields.get(field.name)
            if implemented is not None and self._is_visible(implemented):
                yield self._error(
                    ErrorCode.IMPLEMENTED_BY_INACCESSIBLE,
                    f'Field "{field.coordinate}" is @inaccessible but implements the interface field'
                    f' "{implemented.coordinate}", which is in the API schema.',
                    [field.coordinate],
                    [implemented.coordinate],
                )

    def _hidden_argument(self, field: Field, argument: Argument) -> Iterator[CompositionError]:
        coordinate = argument.coordinate
        if argument.is_required:
            message = f'Argument "{coordinate}" is @inaccessible but is a required argument of its field.'
            yield self._error(ErrorCode.REQUIRED_INACCESSIBLE, message, [coordinate], [coordinate])
        # An implementation may require what its interface gives a default.
        implementing = self.schema.implementations(field.parent.name) if field.parent.is_interface else []
        for type_ in implementing:
            own_field = type_.fields.get(field.name)
            own = own_field.arguments.get(argument.name) if own_field else None
            if own is not None and own.is_required and self._is_visible(own):
                yield self._error(
                    ErrorCode.REQUIRED_INACCESSIBLE,
                    f'Argument "{coordinate}" is @inaccessible but is implemented by the required argument "{own.coordinate}",'
                    " which is in the API schema.",
                    [coordinate],
                    [own.coordinate],
                )
        for name in field.parent.interfaces:
            implemented_field = self.schema.types[name].fields.get(field.name)
            implemented = implemented_field.arguments.get(argument.name) if implemented_field else None
            if implemented is not None and self._is_visible(implemented):
                yield self._error(
                    ErrorCode.IMPLEMENTED_BY_INACCESSIBLE,
                    f'Argument "{coordinate}" is @inaccessible but implements the interface argument'
                    f' "{implemented.coordinate}", which is in the API schema.',
                    [coordinate],
                    [implemented.coordinate],
                )

    def _hidden_input_field(self, field: Field) -> Iterator[CompositionError]:
        coordinate = field.coordinate
        if field.is_required:
            message = f'Input field "{coordinate}" is @inaccessible but is a required input field of its type.'
            yield self._error(ErrorCode.REQUIRED_INACCESSIBLE, message, [coordinate], [coordinate])
        yield from self._used_in_defaults(field, "Input field")

    def _used_in_defaults(self, element: Field | EnumValue, what: str) -> Iterator[CompositionError]:
        for referring in self.references.get(element.coordinate, ()):
            if self._is_visible(referring):
                yield self._error(
                    ErrorCode.DEFAULT_VALUE_USES_INACCESSIBLE,
                    f'{what} "{element.coordinate}" is @inaccessible but is used in the default value of'
                    f' "{referring.coordinate}", which is in the API schema.',
                    [element.coordinate],
                    [referring.coordinate],
                )

    def _directive_errors(self, definition: DirectiveDefinition) -> Iterator[CompositionError]:
        coordinate = definition.coordinate
        of_types = [location for location in definition.locations if location not in EXECUTABLE_LOCATIONS]
        if definition.name in self.schema.built_in_directives:
            yield from self._disallowed(definition, f'Built-in directive "{coordinate}" cannot use @inaccessible.')
        elif self._is_of_spec(definition):
            yield from self._disallowed(definition, f'Core feature directive "{coordinate}" cannot use @inaccessible.')
        elif of_types:
            message = (
                f'Directive "{coordinate}" cannot use @inaccessible because it may be applied to these type-system locations:'
                f" {', '.join(of_types)}."
            )
            yield from self._disallowed(definition, message)
        else:
            for argument in definition.arguments.values():
                if argument.is_required and self._is_hidden(argument):
                    name = argument.coordinate
                    message = f'Argument "{name}" is @inaccessible but is a required argument of its directive.'
                    yield self._error(ErrorCode.REQUIRED_INACCESSIBLE, message, [name], [name])
