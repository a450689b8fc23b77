"""@cost is not for fields of interfaces.

https://ibm.github.io/graphql-specs/cost-spec.html#sec-No-Cost-on-Interface-Fields
"""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import Field


def cost_on_interface_fields(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for application in metadata.applications("cost"):
        field = application.parent
        if isinstance(field, Field) and field.parent.is_interface:
            message = f'@cost cannot be applied to interface "{field.coordinate}"'
            yield error(ErrorCode.COST_APPLIED_TO_INTERFACE_FIELD, message, application, field)
