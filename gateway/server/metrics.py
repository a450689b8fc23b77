"""Prometheus metrics of one process: operations, subgraphs, sockets, limits, reloads. Every label comes from a
bounded set.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

# Seconds; from one fetch on loopback to the request timeout.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_OPERATION_LABELS = ("kind", "name", "protocol", "errors")


class Metrics:
    """The metrics by their names; a registry of its own for each app, so that several live in one process (tests)."""

    def __init__(self, operation_names: int) -> None:
        self.registry = CollectorRegistry()
        self._operation_names: set[str] = set()
        self._max_operation_names = operation_names
        self._operations = LatencyCollector("gateway_operations", "Operations of clients", _OPERATION_LABELS)
        self._fetches = LatencyCollector("gateway_fetches", "Requests to subgraphs", ("subgraph", "outcome"))
        self.registry.register(self._operations)
        self.registry.register(self._fetches)
        self.refused = Counter("gateway_refused", "Requests refused before work", ["code"], registry=self.registry)
        self.limit_exceeded = Counter(
            "gateway_limit_exceeded", "Limits passed by operations", ["limit", "mode"], registry=self.registry
        )
        self.masked_errors = Counter("gateway_masked_errors", "Unforeseen errors", registry=self.registry)
        self.shed = Counter("gateway_shed", "Requests refused because too many were in work", registry=self.registry)
        self.disconnects = Counter(
            "gateway_disconnects", "Queries given up because their client has gone", registry=self.registry
        )
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
        for outcome in ("changed", "unchanged", "failed"):
            # From zero: the first failure of a counter that was not there before is no increase to Prometheus.
            self.reloads.labels(outcome)
        self.rate_limited = Counter("gateway_rate_limited", "Requests over their rate", registry=self.registry)
        self.response_cache = Counter(
            "gateway_response_cache", "Looks into the response cache", ["outcome"], registry=self.registry
        )

    def operation(self, kind: str, name: str | None, protocol: str, has_errors: bool, seconds: float) -> None:
        """Count one operation of a client."""
        if name is None or name not in self._operation_names:
            name = self._bounded(name)
        self._operations.observe((kind, name, protocol, "yes" if has_errors else "no"), seconds)

    def fetch(self, subgraph: str, outcome: str, seconds: float) -> None:
        """Count one request to a subgraph."""
        self._fetches.observe((subgraph, outcome), seconds)

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


class LatencyCollector(Collector):
    """Counts and times events by their labels in plain numbers, and makes metrics of them only when they are read.

    The library's own counters take a lock for each step, which was a tenth of the CPU of a simple operation.
    """

    def __init__(self, name: str, help_text: str, labels: tuple[str, ...]) -> None:
        self._name = name
        self._help = help_text
        self._labels = labels
        # By labels: the count of each bucket (the last is everything above), then the sum of the times.
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count one event."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * (len(_BUCKETS) + 1)
            self._sums[labels] = 0.0
        counts[bisect_left(_BUCKETS, seconds)] += 1
        self._sums[labels] += seconds

    def collect(self) -> list[Metric]:
        """Return a counter and a histogram."""
        counter = CounterMetricFamily(self._name, self._help, labels=self._labels)
        histogram = HistogramMetricFamily(f"{self._name}_seconds", f"{self._help}, by time", labels=self._labels)
        for labels, counts in self._counts.items():
            cumulative = list(accumulate(counts))
            counter.add_metric(labels, cumulative[-1])
            buckets = [*zip(map(str, _BUCKETS), cumulative, strict=False), ("+Inf", cumulative[-1])]
            histogram.add_metric(labels, buckets, self._sums[labels])
        return [counter, histogram]


class _ReadGauge(Collector):
    def __init__(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        self._name = name
        self._help = help_text
        self._read = read

    def collect(self) -> list[GaugeMetricFamily]:
        return [GaugeMetricFamily(self._name, self._help, value=self._read())]
