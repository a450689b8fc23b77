"""Check @external declarations against the merged field: same type, and all its arguments with the same types and defaults."""

from __future__ import annotations

from ..error_codes import ErrorCode
from ..schema import UNSET, Argument, Field
from ..schema.type_reference import is_strict_subtype
from ..schema.values import same_value
from .default_values import describe_default
from .merging import Merging
from .sources import Sources, present


def check_external_fields(merging: Merging, sources: Sources[Field], destination: Field, *, same_types: bool) -> None:
    state = merging.state
    external = [source for index, source in present(sources) if state.is_external(index, source)]
    if not external:
        return
    is_direct = state.supergraph.is_direct_subtype
    wrong_type = False
    missing: dict[str, None] = {}
    wrong_argument_type: dict[str, None] = {}
    wrong_default: dict[str, None] = {}
    for source in external:
        fits = source.type == destination.type or (
            not same_types and is_strict_subtype(destination.type, source.type, is_direct)
        )
        wrong_type |= not fits
        for name, argument in destination.arguments.items():
            own = source.arguments.get(name)
            if own is None:
                missing[name] = None
                continue
            if own.type != argument.type and not is_strict_subtype(own.type, argument.type, is_direct):
                wrong_argument_type[name] = None
            if not _same_default(argument, own):
                wrong_default[name] = None
    report = state.report
    coordinate = destination.coordinate
    if wrong_type:
        report.mismatch_error(
            ErrorCode.EXTERNAL_TYPE_MISMATCH,
            f'Type of field "{coordinate}" is incompatible across subgraphs (where marked @external): it has ',
            sources,
            lambda source: f'type "{source.type}"',
            f'type "{destination.type}"',
        )
    for name in missing:
        _report_missing_argument(merging, sources, destination, name)
    for name in wrong_argument_type:
        report.mismatch_error(
            ErrorCode.EXTERNAL_ARGUMENT_TYPE_MISMATCH,
            f'Type of argument "{coordinate}({name}:)" is incompatible across subgraphs (where "{coordinate}" is marked'
            " @external): it has ",
            _argument_sources(sources, name),
            lambda argument: f'type "{argument.type}"',
            f'type "{destination.arguments[name].type}"',
        )
    for name in wrong_default:
        report.mismatch_error(
            ErrorCode.EXTERNAL_ARGUMENT_DEFAULT_MISMATCH,
            f'Argument "{coordinate}({name}:)" has incompatible defaults across subgraphs (where "{coordinate}" is marked'
            " @external): it has ",
            _argument_sources(sources, name),
            describe_default,
            describe_default(destination.arguments[name]),
        )


def _report_missing_argument(merging: Merging, sources: Sources[Field], destination: Field, name: str) -> None:
    report = merging.state.report
    argument = f'argument "{destination.coordinate}({name}:)"'
    found = report.distribution(
        _argument_sources(sources, name),
        lambda _: argument,
        argument,
        lambda value, names: f"{value} is declared in {names}",
        lambda _, names: f' but not in {names} (where "{destination.coordinate}" is @external).',
        include_missing=True,
    )
    message = f'Field "{destination.coordinate}" is missing {argument} in some subgraphs where it is marked @external: '
    report.error(ErrorCode.EXTERNAL_ARGUMENT_MISSING, found.continued(message), *sources.values())


def _argument_sources(sources: Sources[Field], name: str) -> Sources[Argument]:
    return {index: source.arguments.get(name) if source else None for index, source in sources.items()}


def _same_default(left: Argument, right: Argument) -> bool:
    if left.default is UNSET or right.default is UNSET:
        return left.default is right.default
    return same_value(left.default, right.default)
