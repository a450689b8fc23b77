"""@requires: selects fields that other subgraphs resolve, so all its leaves are external here."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import CompositionError
from ..metadata import SubgraphMetadata
from ..schema import Field
from .field_set_rule import FieldSetRule

_RULE = FieldSetRule("requires", allows_arguments=True)


def requires_fields(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for application in metadata.applications("requires"):
        if isinstance(application.parent, Field):
            yield from _RULE.errors(metadata, application, application.parent.parent)
