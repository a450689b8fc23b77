"""What operators see of matching, in Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TIME_TO_MATCH = Histogram(
    "tandem_time_to_match_seconds",
    "From a ticket's creation to its MatchMade event",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300),
)
TICKETS_WAITING = Gauge("tandem_tickets_waiting", "Pending tickets", ["difficulty"])
MATCHES = Counter("tandem_matches_total", "Matches that got their session")
