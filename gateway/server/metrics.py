"""Prometheus metrics of one process: operations, subgraphs, sockets, limits, reloads. Every label comes from a
bounded set.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

# Seconds; from one fetch on loopback to the request timeout.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics by their names; a registry of its own for each app, so that several live in one process (tests)."""

    def __init__(self, operation_names: int) -> None:
        self.registry = CollectorRegistry()
        self._operation_names: set[str] = set()
        self._max_operation_names = operation_names
        self._operations: dict[tuple[str, str, str, bool], tuple[Counter, Histogram]] = {}
        self._fetches: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._operation_count = Counter(
            "gateway_operations",
            "Operations of clients",
            ["kind", "name", "protocol", "errors"],
            registry=self.registry,
        )
        self._operation_seconds = Histogram(
            "gateway_operation_seconds",
            "Time to answer an operation",
            ["kind", "name"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._fetch_count = Counter(
            "gateway_fetches", "Requests to subgraphs", ["subgraph", "outcome"], registry=self.registry
        )
        self._fetch_seconds = Histogram(
            "gateway_fetch_seconds",
            "Time a subgraph takes",
            ["subgraph"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.refused = Counter("gateway_refused", "Requests refused before work", ["code"], registry=self.registry)
        self.limit_exceeded = Counter(
            "gateway_limit_exceeded", "Limits passed by operations", ["limit", "mode"], registry=self.registry
        )
        self.masked_errors = Counter("gateway_masked_errors", "Unforeseen errors", registry=self.registry)
        self.shed = Counter("gateway_shed", "Requests refused because too many were in work", registry=self.registry)
        self.sockets = Gauge("gateway_websockets", "Open sockets of clients", registry=self.registry)
        self.sockets_closed = Counter(
            "gateway_websockets_closed", "Sockets closed by us", ["code"], registry=self.registry
        )
        self.subscriptions = Gauge("gateway_subscriptions", "Live subscriptions of clients", registry=self.registry)
        self.subscription_events = Counter("gateway_subscription_events", "Events resolved", registry=self.registry)
        self.subscription_messages = Counter(
            "gateway_subscription_messages", "Events handed to clients", registry=self.registry
        )
        self.upstream_reconnects = Counter(
            "gateway_upstream_reconnects", "Sockets to subgraphs opened again", ["subgraph"], registry=self.registry
        )
        self.reloads = Counter("gateway_reloads", "Supergraphs offered", ["outcome"], registry=self.registry)
        self.rate_limited = Counter("gateway_rate_limited", "Requests over their rate", registry=self.registry)
        self.response_cache = Counter(
            "gateway_response_cache", "Looks into the response cache", ["outcome"], registry=self.registry
        )

    def operation(self, kind: str, name: str | None, protocol: str, has_errors: bool, seconds: float) -> None:
        """Count one operation of a client."""
        label = self._bounded(name)
        children = self._operations.get((kind, label, protocol, has_errors))
        if children is None:
            children = self._operations[(kind, label, protocol, has_errors)] = (
                self._operation_count.labels(kind, label, protocol, "yes" if has_errors else "no"),
                self._operation_seconds.labels(kind, label),
            )
        children[0].inc()
        children[1].observe(seconds)

    def fetch(self, subgraph: str, outcome: str, seconds: float) -> None:
        """Count one request to a subgraph."""
        children = self._fetches.get((subgraph, outcome))
        if children is None:
            children = self._fetches[(subgraph, outcome)] = (
                self._fetch_count.labels(subgraph, outcome),
                self._fetch_seconds.labels(subgraph),
            )
        children[0].inc()
        children[1].observe(seconds)

    def read_when_asked(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """Add a gauge whose value is read at each scrape."""
        self.registry.register(_ReadGauge(name, help_text, read))

    def exposition(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        return generate_latest(self.registry)

    def _bounded(self, name: str | None) -> str:
        if name is None:
            return ""
        if name in self._operation_names:
            return name
        if len(self._operation_names) >= self._max_operation_names:
            return "other"
        self._operation_names.add(name)
        return name


class _ReadGauge(Collector):
    def __init__(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        self._name = name
        self._help = help_text
        self._read = read

    def collect(self) -> list[GaugeMetricFamily]:
        return [GaugeMetricFamily(self._name, self._help, value=self._read())]
