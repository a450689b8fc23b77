"""Merge descriptions: the one most subgraphs use, an empty one only when there is no other."""

from __future__ import annotations

from collections.abc import Mapping

from ..hint_codes import HintCode
from ..schema import Element, Schema
from .report import Report
from .sources import present


def merge_description(report: Report, sources: Mapping[int, Element | None], destination: Element) -> None:
    counts: dict[str, int] = {}
    for _, source in present(dict(sources)):
        if source.description is not None:
            counts[source.description] = counts.get(source.description, 0) + 1
    if not counts:
        return
    written = {text: count for text, count in counts.items() if text}
    if len(written) <= 1 or len(counts) == 1:
        destination.description = next(iter(written or counts))
        return
    destination.description = max(written, key=lambda text: written[text])
    name = "The schema definition" if isinstance(destination, Schema) else f'Element "{destination.coordinate}"'
    found = report.distribution(
        dict(sources),
        lambda source: source.description,
        destination.description,
        lambda text, names: f"The supergraph will use description (from {names}):\n{_block(text)}",
        lambda text, names: f"\nIn {names}, the description is:\n{_block(text)}",
        ignores=lambda source: source.description is None,
    )
    report.hint(
        HintCode.INCONSISTENT_DESCRIPTION,
        found.continued(f"{name} has inconsistent descriptions across subgraphs. "),
        None if isinstance(destination, Schema) else destination,
        *found.nodes,
    )


def _block(text: str) -> str:
    indented = text.replace("\n", "\n  ", 1)
    return f'  """\n  {indented}\n  """'
