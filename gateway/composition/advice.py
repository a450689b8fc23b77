"""What a person can do about an error or hint: one sentence per code."""

from __future__ import annotations

from .error_codes import ErrorCode
from .hint_codes import HintCode

ERROR_ADVICE: dict[ErrorCode, str] = {
    ErrorCode.INVALID_GRAPHQL: "Fix the SDL: it is not valid GraphQL by itself, before federation looks at it.",
    ErrorCode.DIRECTIVE_DEFINITION_INVALID: (
        "Remove the definition (federation adds it for you) or make it the one federation expects."
    ),
    ErrorCode.TYPE_DEFINITION_INVALID: (
        "Remove the definition (the spec you link adds it for you) or make it the one that spec expects."
    ),
    ErrorCode.UNKNOWN_FEDERATION_LINK_VERSION: "Link a federation version from v2.0 to v2.14.",
    ErrorCode.UNKNOWN_LINK_VERSION: (
        "Link https://specs.apollo.dev/link/v1.0, or leave that @link out: it is implied."
    ),
    ErrorCode.KEY_FIELDS_HAS_ARGS: "Choose fields without arguments for the @key.",
    ErrorCode.PROVIDES_FIELDS_HAS_ARGS: "Choose fields without arguments for the @provides.",
    ErrorCode.PROVIDES_FIELDS_MISSING_EXTERNAL: (
        "Mark the field @external in this subgraph, or remove it from the @provides: it is always resolved here."
    ),
    ErrorCode.REQUIRES_FIELDS_MISSING_EXTERNAL: (
        "Mark the field @external in this subgraph, or remove it from the @requires: this subgraph has it already."
    ),
    ErrorCode.KEY_UNSUPPORTED_ON_INTERFACE: "Link federation v2.3 or newer to put @key on an interface.",
    ErrorCode.PROVIDES_UNSUPPORTED_ON_INTERFACE: "Move the @provides to the fields of the implementing object types.",
    ErrorCode.REQUIRES_UNSUPPORTED_ON_INTERFACE: "Move the @requires to the fields of the implementing object types.",
    ErrorCode.KEY_DIRECTIVE_IN_FIELDS_ARG: "Remove the directive from the field set of the @key.",
    ErrorCode.PROVIDES_DIRECTIVE_IN_FIELDS_ARG: "Remove the directive from the field set of the @provides.",
    ErrorCode.REQUIRES_DIRECTIVE_IN_FIELDS_ARG: "Remove the directive from the field set of the @requires.",
    ErrorCode.EXTERNAL_UNUSED: "Remove the field, or its @external; or use it in a @key, @requires or @provides.",
    ErrorCode.TYPE_WITH_ONLY_UNUSED_EXTERNAL: (
        "Remove the type and what refers to it, or use its fields in a @key, @requires or @provides."
    ),
    ErrorCode.PROVIDES_ON_NON_OBJECT_FIELD: (
        "Remove the @provides: only fields that return an object, interface or union can provide fields."
    ),
    ErrorCode.KEY_INVALID_FIELDS_TYPE: 'Write the field set as one string: @key(fields: "id").',
    ErrorCode.PROVIDES_INVALID_FIELDS_TYPE: 'Write the field set as one string: @provides(fields: "name").',
    ErrorCode.REQUIRES_INVALID_FIELDS_TYPE: 'Write the field set as one string: @requires(fields: "name").',
    ErrorCode.KEY_INVALID_FIELDS: (
        "Correct the field set: every field must exist in this subgraph, and every object needs a selection."
    ),
    ErrorCode.PROVIDES_INVALID_FIELDS: (
        "Correct the field set: every field must exist in this subgraph (marked @external)."
    ),
    ErrorCode.REQUIRES_INVALID_FIELDS: (
        "Correct the field set: every field must exist in this subgraph (marked @external)."
    ),
    ErrorCode.KEY_FIELDS_SELECT_INVALID_TYPE: (
        "Build the key from scalars, enums and objects: an interface or union has no fixed identity."
    ),
    ErrorCode.ROOT_QUERY_USED: "Rename the other type: when the query root is not called Query, no type may be.",
    ErrorCode.ROOT_MUTATION_USED: (
        "Rename the other type: when the mutation root is not called Mutation, no type may be."
    ),
    ErrorCode.ROOT_SUBSCRIPTION_USED: (
        "Rename the other type: when the subscription root is not called Subscription, no type may be."
    ),
    ErrorCode.INVALID_SUBGRAPH_NAME: 'Give every subgraph a name of its own, other than "_".',
    ErrorCode.NO_QUERIES: "Add at least one field to the Query type of a subgraph.",
    ErrorCode.INTERFACE_FIELD_NO_IMPLEM: (
        "Add the field to the type in one of its subgraphs, or remove it from the interface."
    ),
    ErrorCode.TYPE_KIND_MISMATCH: "Declare the type with the same kind in every subgraph, or rename one of them.",
    ErrorCode.CONTEXT_NOT_SET: (
        "Set the context with @context(name:) on a type above the field, and use @fromContext only on "
        "arguments of object fields."
    ),
    ErrorCode.CONTEXT_INVALID_SELECTION: (
        "Select exactly one field, of the type of the argument, on each type that sets the context."
    ),
    ErrorCode.NO_CONTEXT_IN_SELECTION: 'Begin the value with the context: @fromContext(field: "$name { field }").',
    ErrorCode.CONTEXT_NO_RESOLVABLE_KEY: "Add a resolvable @key to the type: the field is fetched through it.",
    ErrorCode.CONTEXT_NAME_INVALID: "Use letters and digits only in the name of the context.",
    ErrorCode.EXTERNAL_TYPE_MISMATCH: "Give the @external field the type it has where it is resolved.",
    ErrorCode.EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: "Remove one of the two directives.",
    ErrorCode.EXTERNAL_ARGUMENT_MISSING: "Add the argument to the @external declaration.",
    ErrorCode.EXTERNAL_ARGUMENT_TYPE_MISMATCH: (
        "Give the argument of the @external field the type it has where the field is resolved."
    ),
    ErrorCode.EXTERNAL_ARGUMENT_DEFAULT_MISMATCH: (
        "Give the argument of the @external field the default it has where the field is resolved."
    ),
    ErrorCode.EXTERNAL_ON_INTERFACE: (
        "Remove @external from the interface field; mark the fields of the implementing types instead."
    ),
    ErrorCode.MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: "Move the directive to where the field is resolved.",
    ErrorCode.FIELD_TYPE_MISMATCH: "Make the types the same, or one a subtype of the others, in every subgraph.",
    ErrorCode.FIELD_ARGUMENT_TYPE_MISMATCH: (
        "Make the types of the argument the same (up to nullability) in every subgraph."
    ),
    ErrorCode.INPUT_FIELD_DEFAULT_MISMATCH: "Use the same default in every subgraph, or none.",
    ErrorCode.FIELD_ARGUMENT_DEFAULT_MISMATCH: "Use the same default in every subgraph, or none.",
    ErrorCode.EXTENSION_WITH_NO_BASE: "Define the type in a subgraph (without `extend`), or correct its name here.",
    ErrorCode.EXTERNAL_MISSING_ON_BASE: (
        "Remove @external in the subgraph that resolves the field, or add the field to another one."
    ),
    ErrorCode.INVALID_FIELD_SHARING: (
        "Add @shareable to the field in every subgraph that resolves it, or remove it from all but one (or "
        "move it with @override)."
    ),
    ErrorCode.INVALID_SHAREABLE_USAGE: (
        "Keep one @shareable per declaration, and only on object types and their fields."
    ),
    ErrorCode.INVALID_LINK_DIRECTIVE_USAGE: (
        "Correct the @link: import names that the spec has, each under one name that nothing else uses."
    ),
    ErrorCode.INVALID_LINK_IDENTIFIER: (
        "Use a URL that ends in the name and version of the spec: https://example.com/name/v1.0."
    ),
    ErrorCode.LINK_IMPORT_NAME_MISMATCH: "Import the directive under the same name in every subgraph.",
    ErrorCode.REFERENCED_INACCESSIBLE: "Mark what refers to it @inaccessible too, or make the type accessible.",
    ErrorCode.DEFAULT_VALUE_USES_INACCESSIBLE: (
        "Take the hidden element out of the default value, or make it accessible."
    ),
    ErrorCode.QUERY_ROOT_TYPE_INACCESSIBLE: "Remove @inaccessible from the query root type.",
    ErrorCode.REQUIRED_INACCESSIBLE: "Give it a default, make it nullable, or make it accessible.",
    ErrorCode.IMPLEMENTED_BY_INACCESSIBLE: (
        "Mark the element of the interface @inaccessible too, or make this one accessible."
    ),
    ErrorCode.DISALLOWED_INACCESSIBLE: (
        "Remove @inaccessible here: built-in elements and those of specs cannot be hidden."
    ),
    ErrorCode.ONLY_INACCESSIBLE_CHILDREN: (
        "Mark the type itself @inaccessible, or leave at least one member accessible."
    ),
    ErrorCode.REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: (
        "Add the field to the input in every subgraph, or make it optional."
    ),
    ErrorCode.REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: "Add the argument in every subgraph, or make it optional.",
    ErrorCode.EMPTY_MERGED_INPUT_TYPE: "Give the input at least one field that every subgraph has.",
    ErrorCode.ENUM_VALUE_MISMATCH: (
        "Add the value in every subgraph (mark it @inaccessible while you roll it out), or use the enum only "
        "as input or only as output."
    ),
    ErrorCode.EMPTY_MERGED_ENUM_TYPE: "Give the enum at least one value that every subgraph has.",
    ErrorCode.SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES: (
        "Make the subgraphs agree on at least one type the field can return."
    ),
    ErrorCode.SATISFIABILITY_ERROR: (
        "Give the entity a @key that both subgraphs have, mark the field @shareable where it is also known, "
        "or move it to the subgraph that can be reached."
    ),
    ErrorCode.OVERRIDE_FROM_SELF_ERROR: "Name another subgraph in @override(from:), or remove the @override.",
    ErrorCode.OVERRIDE_SOURCE_HAS_OVERRIDE: "Keep @override in one subgraph only.",
    ErrorCode.OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: (
        "Remove the other directive from the field, or the @override."
    ),
    ErrorCode.OVERRIDE_ON_INTERFACE: "Put @override on the fields of the implementing object types.",
    ErrorCode.OVERRIDE_LABEL_INVALID: "Use a name (letters, digits, _-:./) or percent(0) to percent(100) as label.",
    ErrorCode.DIRECTIVE_COMPOSITION_ERROR: (
        "Link the spec of the directive with the same major version and import name in every subgraph that composes it."
    ),
    ErrorCode.INTERFACE_OBJECT_USAGE_ERROR: (
        "Use @interfaceObject on an entity, in a subgraph that does not know the implementations, for an "
        "interface with that @key elsewhere."
    ),
    ErrorCode.INTERFACE_KEY_NOT_ON_IMPLEMENTATION: (
        "Put the same @key on every type that implements the interface in this subgraph."
    ),
    ErrorCode.INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: (
        "Define all implementing types in this subgraph, or make the key of the interface resolvable: false."
    ),
    ErrorCode.CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: (
        "Make the argument nullable, give it a default, or use @fromContext there too."
    ),
    ErrorCode.COST_APPLIED_TO_INTERFACE_FIELD: "Put @cost on the fields of the implementing types.",
    ErrorCode.LIST_SIZE_APPLIED_TO_NON_LIST: (
        "Use @listSize on a field that returns a list, or name the lists with sizedFields."
    ),
    ErrorCode.LIST_SIZE_INVALID_ASSUMED_SIZE: "Use 0 or more as assumedSize.",
    ErrorCode.LIST_SIZE_INVALID_SLICING_ARGUMENT: (
        "Name arguments of the field that are Int or Int! as slicingArguments."
    ),
    ErrorCode.LIST_SIZE_INVALID_SIZED_FIELD: "Name fields of the returned type as sizedFields.",
    ErrorCode.MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED: (
        "Raise the limit, or reduce the number of shared entities with many keys."
    ),
    ErrorCode.AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: (
        "Put the requirement on the implementing types: their interface gets it from there."
    ),
    ErrorCode.MISSING_TRANSITIVE_AUTH_REQUIREMENTS: (
        "Ask for the same access on this field as on the fields it needs."
    ),
}

HINT_ADVICE: dict[HintCode, str] = {
    HintCode.INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE: (
        "Use the same type in every subgraph, unless the difference is meant."
    ),
    HintCode.INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE: (
        "Use the same type in every subgraph, unless the difference is meant."
    ),
    HintCode.INCONSISTENT_DEFAULT_VALUE_PRESENCE: (
        "Give the default in every subgraph, or clients will have to send a value."
    ),
    HintCode.INCONSISTENT_ENTITY: "Add the @key where it is missing, if the type can be resolved there.",
    HintCode.INCONSISTENT_OBJECT_VALUE_TYPE_FIELD: (
        "Add the field in the other subgraphs, or queries through them cannot use it."
    ),
    HintCode.INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD: "Add the field to the interface in the other subgraphs.",
    HintCode.INCONSISTENT_INPUT_OBJECT_FIELD: "Add the field in every subgraph to make it part of the API.",
    HintCode.INCONSISTENT_UNION_MEMBER: "Add the member in every subgraph, unless the difference is meant.",
    HintCode.INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM: "Add the value in every subgraph to make it part of the API.",
    HintCode.INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM: (
        "Add the value in every subgraph, unless the difference is meant."
    ),
    HintCode.INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE: (
        "Define the directive in every subgraph to let clients use it."
    ),
    HintCode.NO_EXECUTABLE_DIRECTIVE_INTERSECTION: (
        "Give the directive at least one location that all subgraphs have."
    ),
    HintCode.INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE: (
        "Make the directive repeatable in every subgraph, or in none."
    ),
    HintCode.INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS: "Give the directive the same locations in every subgraph.",
    HintCode.INCONSISTENT_DESCRIPTION: "Use one description, or keep it in one subgraph only.",
    HintCode.INCONSISTENT_ARGUMENT_PRESENCE: "Add the argument in every subgraph to make it part of the API.",
    HintCode.FROM_SUBGRAPH_DOES_NOT_EXIST: "Correct the name of the subgraph, or remove the @override.",
    HintCode.OVERRIDDEN_FIELD_CAN_BE_REMOVED: "Remove the field from the subgraph that no longer resolves it.",
    HintCode.OVERRIDE_DIRECTIVE_CAN_BE_REMOVED: "Remove the @override.",
    HintCode.OVERRIDE_MIGRATION_IN_PROGRESS: "Remove the label when the migration is done.",
    HintCode.UNUSED_ENUM_TYPE: "Remove the enum, or use it.",
    HintCode.INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: (
        "Apply the directive with the same arguments in every subgraph."
    ),
    HintCode.MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS: "Nothing to do, unless the merged values surprise you.",
    HintCode.DIRECTIVE_COMPOSITION_INFO: "Look at the @composeDirective or the @link it needs.",
    HintCode.DIRECTIVE_COMPOSITION_WARN: "Import the directive under the same name in every subgraph.",
    HintCode.INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN: (
        "Make sure the field returns only the types that all its subgraphs know."
    ),
    HintCode.IMPLICITLY_UPGRADED_FEDERATION_VERSION: "Link the federation version that the feature needs.",
    HintCode.CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: (
        "Remove the argument where it has no @fromContext, or use @fromContext there too."
    ),
}
