"""Why a query cannot go on: for each subgraph it could be at, what is missing there and why no other subgraph can be entered."""

from __future__ import annotations

from collections.abc import Iterator

from ...language import FieldSet, FieldSetField, print_field_set
from ...query_graph import Node, NodeKind
from ...supergraph import SubgraphField, SupergraphField
from .advance import Advance, Alternatives


class DeadEnds:
    """Words the reasons, by subgraph."""

    def __init__(self, advance: Advance) -> None:
        self.advance = advance
        self.supergraph = advance.supergraph

    def of_field(
        self, alternatives: Alternatives, definition: SupergraphField, type_name: str, *, is_top_level: bool
    ) -> str:
        reasons: dict[str, dict[str, None]] = {}
        for start in alternatives:
            nodes = (start,) if is_top_level else self.advance.moves.closure(start)
            for node in nodes:
                self._add(reasons, node.graph, self._field_missing(node, definition, type_name, node is not start))
            if not is_top_level:
                for source, reason in self._moves_missing(start, nodes, definition, type_name):
                    self._add(reasons, source, reason)
        return self._print(reasons)

    def of_type_condition(self, alternatives: Alternatives, type_name: str) -> str:
        reasons: dict[str, dict[str, None]] = {}
        for start in alternatives:
            nodes = self.advance.moves.closure(start)
            for node in nodes:
                if node.kind is NodeKind.INTERFACE_OBJECT:
                    reason = (
                        "no subgraph can be reached to resolve the implementation type of @interfaceObject type"
                        f' "{node.type_name}"'
                    )
                else:
                    reason = f'cannot find type "{type_name}"'
                self._add(reasons, node.graph, reason)
            for source, reason in self._keys_missing(start, nodes):
                self._add(reasons, source, reason)
        return self._print(reasons)

    @staticmethod
    def _add(reasons: dict[str, dict[str, None]], graph: str, reason: str) -> None:
        reasons.setdefault(graph, {})[reason] = None

    def _print(self, reasons: dict[str, dict[str, None]]) -> str:
        lines = []
        for graph, found in reasons.items():
            head = f'- from subgraph "{self._name(graph)}":'
            if len(found) == 1:
                lines.append(f"{head} {next(iter(found))}.")
            else:
                lines.append(head)
                lines += [f"  - {reason}." for reason in found]
        return "\n".join(lines)

    def _name(self, graph: str) -> str:
        return self.supergraph.subgraphs[graph].name

    def _field_missing(self, node: Node, definition: SupergraphField, type_name: str, was_entered: bool) -> str:
        coordinate = f"{type_name}.{definition.name}"
        at = self.advance.field_node(node, type_name)
        if node.kind is NodeKind.INTERFACE_OBJECT and node.type_name != type_name:
            own = self.supergraph.types[node.type_name].fields.get(definition.name)
            if own is None or node.graph not in own.by_graph:
                return (
                    f'cannot find implementation type "{type_name}" (supergraph interface "{node.type_name}" is declared with'
                    f' @interfaceObject in "{self._name(node.graph)}")'
                )
            field: SubgraphField | None = own.by_graph[node.graph]
        else:
            field = definition.by_graph.get(node.graph)
        if field is None or at is None:
            return f'cannot find field "{coordinate}"'
        overriding = [other for other in definition.by_graph.values() if other.override == self._name(node.graph)]
        if field.is_used_overridden and overriding:
            names = " and ".join(f'"{self._name(other.graph)}"' for other in overriding)
            return f'field "{coordinate}" is not resolvable because it is overridden by subgraph {names}'
        if field.is_external or field.is_used_overridden:
            return f'field "{coordinate}" is not resolvable because marked @external'
        return self._requirement_missing(at, field, coordinate, was_entered)

    def _requirement_missing(self, node: Node, field: SubgraphField, coordinate: str, was_entered: bool) -> str:
        can_resolve = not field.requires or self.advance.moves.can_resolve(node, field.requires)
        if can_resolve and not was_entered and not self.advance.moves.has_local_key(node):
            return (
                f'@require condition on field "{coordinate}" can be satisfied but missing usable key on "{node.type_name}" in'
                f' subgraph "{self._name(node.graph)}" to resume query'
            )
        if can_resolve and field.context_arguments:
            return f'could not find a match for required context for field "{coordinate}"'
        return f'cannot satisfy @require conditions on field "{coordinate}"{self._external_keys(node)}'

    def _external_keys(self, node: Node) -> str:
        """Marking key fields @external, a habit from federation 1, is a likely mistake."""
        type_ = self.supergraph.types[node.type_name]
        names: dict[str, None] = {}
        for key in type_.by_graph[node.graph].keys:
            for selection in key.field_set:
                if isinstance(selection, FieldSetField) and self._is_external(node, selection.field_name):
                    names[f'"{selection.field_name}"'] = None
        if not names:
            return ""
        plural = "s" if len(names) > 1 else ""
        return f" (please ensure that this is not due to key field{plural} {', '.join(names)} being accidentally marked @external)"

    def _is_external(self, node: Node, field_name: str) -> bool:
        definition = self.supergraph.types[node.type_name].fields.get(field_name)
        field = definition.by_graph.get(node.graph) if definition else None
        return field is not None and field.is_external

    def _moves_missing(
        self, start: Node, nodes: tuple[Node, ...], definition: SupergraphField, type_name: str
    ) -> Iterator[tuple[str, str]]:
        coordinate = f"{type_name}.{definition.name}"
        told = set()
        for source, reason in self._keys_missing(start, nodes):
            yield source, reason
            told.add(reason.split('"')[1])
        reached = {node.graph for node in nodes}
        for graph, field in definition.by_graph.items():
            if graph in reached or self._name(graph) in told or field.is_external:
                continue
            where = f'cannot move to subgraph "{self._name(graph)}", which has field "{coordinate}", because'
            yield start.graph, f"{where} {self._no_key(start, graph, type_name)}"

    def _no_key(self, start: Node, graph: str, type_name: str) -> str:
        name = start.type_name
        there = self.supergraph.types[name].by_graph.get(graph)
        kind = "type" if name == type_name else "interface"
        subgraph = self._name(graph)
        if there is None:
            return (
                f'interface "{name}" is not defined in this subgraph (to jump to "{subgraph}", it would need to both define'
                f' interface "{name}" and have a @key on it)'
            )
        if not there.keys:
            return f'{kind} "{name}" has no @key defined in subgraph "{subgraph}"'
        return (
            f'none of the @key defined on {kind} "{name}" in subgraph "{subgraph}" are resolvable (they are all declared with'
            ' their "resolvable" argument set to false)'
        )

    def _keys_missing(self, start: Node, nodes: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
        reached = {node.graph for node in nodes}
        for node in nodes:
            for edge in self.advance.moves.entity_edges(node):
                if edge.head.graph in reached or edge.head.graph == start.graph:
                    continue
                note = ""
                if self._has_overridden(node, edge.key.field_set):
                    note = f' (note that some of those key fields are overridden in "{self._name(node.graph)}")'
                yield (
                    node.graph,
                    f'cannot move to subgraph "{self._name(edge.head.graph)}" using @key(fields:'
                    f' "{print_field_set(edge.key.field_set)}") of "{node.type_name}", the key field(s) cannot be resolved from'
                    f' subgraph "{self._name(node.graph)}"{note}',
                )

    def _has_overridden(self, node: Node, field_set: FieldSet) -> bool:
        for selection in field_set:
            if not isinstance(selection, FieldSetField):
                continue
            definition = self.supergraph.types[node.type_name].fields.get(selection.field_name)
            field = definition.by_graph.get(node.graph) if definition else None
            if field is not None and field.is_used_overridden:
                return True
        return False
