"""@context: the name has letters and digits only, since the supergraph puts the name of the subgraph before it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata

_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def context_names(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for application in metadata.applications("context"):
        name = str(application.arguments.get("name"))
        if "_" in name:
            message = f'Context name "{name}" may not contain an underscore.'
            yield error(ErrorCode.CONTEXT_NAME_INVALID, message, application)
        elif not _NAME.fullmatch(name):
            message = f'Context name "{name}" is invalid. It should have only alphanumeric characters.'
            yield error(ErrorCode.CONTEXT_NAME_INVALID, message, application)
