"""GraphQL syntax over graphql-core that knows nothing of federation.

Reading order: field_set (the text inside @key, @requires and @provides, parsed), type_reference (the text of a type, taken apart).
"""

from .field_set import (
    FieldSet,
    FieldSetArgument,
    FieldSetError,
    FieldSetField,
    FieldSetFragment,
    parse_field_set,
    print_field_set,
)
from .type_reference import named_type_of, print_type_node

__all__ = [
    "FieldSet",
    "FieldSetArgument",
    "FieldSetError",
    "FieldSetField",
    "FieldSetFragment",
    "named_type_of",
    "parse_field_set",
    "print_field_set",
    "print_type_node",
]
