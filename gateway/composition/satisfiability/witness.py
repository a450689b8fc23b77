"""An example query for a path of the API schema: the shortest that goes there, with values for all arguments it needs."""

from __future__ import annotations

from dataclasses import dataclass

from ...specs.feature import ConstValue
from ..schema import UNSET, Field, RootKind, Schema
from ..schema.type_reference import base_name, is_list_or_non_null_list, is_non_null, nullable
from ..schema.values import print_value

_EXAMPLES: dict[str, ConstValue] = {
    "Int": 0,
    "Float": 3.14,
    "Boolean": True,
    "String": "A string value",
    "ID": "<any id>",
}
_EXAMPLE_OF_CUSTOM_SCALAR = "<some value>"
_MAX_DEPTH = 8  # of inputs within inputs: deeper ones say no more


@dataclass(frozen=True, slots=True)
class Step:
    """A field or a type condition."""

    field: Field | None = None
    type_condition: str | None = None


def print_witness(root: RootKind, steps: tuple[Step, ...]) -> str:
    """The query, with dots where it would have to go on."""
    lines = ["{" if root is RootKind.QUERY else f"{root} {{"]
    for depth, step in enumerate(steps, start=1):
        lines.append(f"{'  ' * depth}{_print_step(step)} {{")
    last = steps[-1]
    if last.field is not None and _is_leaf(last.field):
        lines[-1] = lines[-1].removesuffix(" {")
        closing = len(steps) - 1
    else:
        lines.append("  " * (len(steps) + 1) + "...")
        closing = len(steps)
    lines += ["  " * depth + "}" for depth in range(closing, -1, -1)]
    return "\n".join(lines)


def _print_step(step: Step) -> str:
    if step.field is None:
        return f"... on {step.type_condition}"
    if not step.field.arguments:
        return step.field.name
    schema = step.field.schema
    arguments = ", ".join(
        f"{argument.name}: {print_value(_example(schema, argument.type), argument.type, schema)}"
        for argument in step.field.arguments.values()
    )
    return f"{step.field.name}({arguments})"


def _is_leaf(field: Field) -> bool:
    type_ = field.schema.type(base_name(field.type))
    return type_ is None or type_.is_leaf


def _example(schema: Schema, reference: str, depth: int = 0) -> ConstValue:
    reference = nullable(reference)
    if is_list_or_non_null_list(reference):
        return []
    type_ = schema.type(reference)
    if type_ is not None and type_.is_enum:
        return next(iter(type_.values))
    if type_ is not None and type_.is_input_object:
        if depth > _MAX_DEPTH:
            return {}
        needed = (
            field
            for field in type_.fields.values()
            if is_non_null(field.type) and field.default in (UNSET, None, 0, "")
        )
        return {field.name: _example(schema, field.type, depth + 1) for field in needed}
    return _EXAMPLES.get(reference, _EXAMPLE_OF_CUSTOM_SCALAR)
