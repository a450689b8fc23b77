"""What @authenticated, @requiresScopes and @policy ask for in a supergraph, and what a caller has of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ListValueNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
    is_composite_type,
)

from .request import Caller
from .settings_safety import JwtSettings

AnyOf: TypeAlias = tuple[frozenset[str], ...]
"""One of these sets must be held whole."""

_GUARDED = (
    ObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    EnumTypeDefinitionNode,
)


@dataclass(frozen=True, slots=True)
class Grants:
    """What a caller has, as far as the supergraph asks for it."""

    is_authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()

    @property
    def variant(self) -> str:
        """A text that two grants share only if they are equal."""
        return f"{self.is_authenticated}|{' '.join(sorted(self.scopes))}|{' '.join(sorted(self.policies))}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a type or field asks for."""

    authenticated: bool = False
    scopes: AnyOf = ()
    policies: AnyOf = ()

    def is_met(self, grants: Grants) -> bool:
        """Tell whether these grants are enough."""
        if self.authenticated and not grants.is_authenticated:
            return False
        if self.scopes and not any(needed <= grants.scopes for needed in self.scopes):
            return False
        return not self.policies or any(needed <= grants.policies for needed in self.policies)


class AuthorizationRules:
    """The requirements of one supergraph."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._types: dict[str, Requirement] = {}
        self._fields: dict[tuple[str, str], Requirement] = {}
        for definition in document.definitions:
            if not isinstance(definition, _GUARDED):
                continue
            _keep(self._types, definition.name.value, definition.directives)
            for member in getattr(definition, "fields", None) or ():
                _keep(self._fields, (definition.name.value, member.name.value), member.directives)
        everything = [*self._types.values(), *self._fields.values()]
        self._scopes = frozenset(scope for it in everything for group in it.scopes for scope in group)
        self._policies = frozenset(policy for it in everything for group in it.policies for policy in group)
        self.is_empty = not everything

    def grants_of(self, caller: Caller, settings: JwtSettings) -> Grants:
        """Return what the caller's token grants of what this supergraph asks for; the rest would only split caches."""
        if caller.claims is None:
            return Grants()
        return Grants(
            is_authenticated=True,
            scopes=self._scopes & _names(caller.claims, settings.scopes_claim),
            policies=self._policies & _names(caller.claims, settings.policies_claim),
        )

    def allows_field(self, type_name: str, field_name: str, named_type: str, grants: Grants) -> bool:
        """Tell whether a field may be seen: it and its type."""
        own = self._fields.get((type_name, field_name))
        return (own is None or own.is_met(grants)) and self.allows_type(named_type, grants)

    def allows_type(self, type_name: str, grants: Grants) -> bool:
        """Tell whether values of a type may be seen."""
        requirement = self._types.get(type_name)
        return requirement is None or requirement.is_met(grants)

    def possible_types(self, type_: GraphQLCompositeType) -> frozenset[str]:
        """Return the names of the object types that a value can have."""
        if isinstance(type_, GraphQLObjectType):
            return frozenset({type_.name})
        return frozenset(it.name for it in self._schema.get_possible_types(type_))

    def root_type(self, operation: OperationDefinitionNode) -> GraphQLObjectType:
        """Return the type that an operation starts at."""
        root_type = self._schema.get_root_type(operation.operation)
        assert root_type is not None  # the document is valid
        return root_type

    def type(self, name: str) -> GraphQLCompositeType:
        """Return a composite type of the API schema."""
        type_ = self._schema.get_type(name)
        assert is_composite_type(type_)
        return type_


def _keep(kept: dict[Any, Requirement], key: object, directives: Iterable[ConstDirectiveNode] | None) -> None:
    found = {it.name.value.split("__")[-1]: it for it in directives or ()}
    if not found.keys() & {"authenticated", "requiresScopes", "policy"}:
        return
    kept[key] = Requirement(
        authenticated="authenticated" in found,
        scopes=_any_of(found.get("requiresScopes"), "scopes"),
        policies=_any_of(found.get("policy"), "policies"),
    )


def _any_of(directive: ConstDirectiveNode | None, argument: str) -> AnyOf:
    for given in (directive.arguments or ()) if directive is not None else ():
        if given.name.value == argument and isinstance(given.value, ListValueNode):
            return tuple(
                frozenset(it.value for it in group.values if isinstance(it, StringValueNode))
                for group in given.value.values
                if isinstance(group, ListValueNode)
            )
    return ()


def _names(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    value = claims.get(name)
    if isinstance(value, str):
        return frozenset(value.split())
    return frozenset(it for it in value if isinstance(it, str)) if isinstance(value, list) else frozenset()
