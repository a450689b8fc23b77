"""@authenticated, @requiresScopes and @policy are not for interfaces: an interface asks for what its implementations ask for."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import Element, Field, TypeDefinition


def access_control_on_interfaces(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for name in ("authenticated", "requiresScopes", "policy"):
        for application in metadata.applications(name):
            element = application.parent
            kind = _interface_kind(metadata, element)
            if kind is None:
                continue
            directive = f"@{application.name}"
            yield error(
                ErrorCode.AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE,
                f'Invalid use of {directive} on {kind} "{element.coordinate}": {directive} cannot be applied on interfaces,'
                " interface fields and interface objects",
                application,
            )


def _interface_kind(metadata: SubgraphMetadata, element: Element) -> str | None:
    match element:
        case Field() if element.parent.is_interface:
            return "field"
        case TypeDefinition() if element.is_interface:
            return "interface"
        case TypeDefinition() if metadata.is_interface_object(element):
            return "interface object"
    return None
