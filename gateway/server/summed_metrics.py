"""The metrics of all workers added up: from what each tells to one page in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry


def described(registry: Collector) -> list[list[Any]]:
    """Return each metric as [name, help, type, [[sample, labels, value]]]."""
    return [
        [
            metric.name,
            metric.documentation,
            metric.type,
            # When a counter began differs between workers, and cannot be added up.
            [[it.name, it.labels, it.value] for it in metric.samples if not it.name.endswith("_created")],
        ]
        for metric in registry.collect()
    ]


def summed_exposition(described_by_worker: Sequence[list[list[Any]]]) -> bytes:
    """Return the sums; gauges count what is open or kept, so theirs mean something, too."""
    registry = CollectorRegistry()
    registry.register(_Sums(described_by_worker))
    return generate_latest(registry)


class _Sums(Collector):
    def __init__(self, described_by_worker: Sequence[list[list[Any]]]) -> None:
        self._described = described_by_worker

    def collect(self) -> Iterator[Metric]:
        metrics: dict[str, Metric] = {}
        values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
        for worker in self._described:
            for name, documentation, kind, samples in worker:
                metrics.setdefault(name, Metric(name, documentation, kind))
                sums = values.setdefault(name, {})
                for sample, labels, value in samples:
                    key = (sample, tuple(labels.items()))
                    sums[key] = sums.get(key, 0.0) + value
        for name, metric in metrics.items():
            for (sample, labels), value in values[name].items():
                metric.add_sample(sample, dict(labels), value)
            yield metric
