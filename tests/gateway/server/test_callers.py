"""Who a request comes from: the address that subgraphs are told is the gateway's own view, never the client's claim."""

from __future__ import annotations

import pytest

from gateway.server.callers import CallerReader
from gateway.server.metrics import Metrics
from gateway.server.overload import OverloadWatch
from gateway.server.settings import Settings
from gateway.server.telemetry import Telemetry


def forwarded(settings: Settings, client: str, claimed: bytes | None) -> bytes | None:
    """What the subgraphs get as x-forwarded-for."""
    headers = {b"x-forwarded-for": claimed} if claimed is not None else {}
    reader = CallerReader(settings, Telemetry(settings.telemetry, Metrics(10), OverloadWatch()))
    caller = reader.read(headers, client)
    return dict(caller.headers).get(b"x-forwarded-for")


@pytest.mark.parametrize(
    ("client", "claimed", "expected"),
    [
        ("203.0.113.7", None, b"203.0.113.7"),
        ("203.0.113.7", b"10.0.0.1", b"203.0.113.7"),
        ("192.0.2.1", b"203.0.113.9", b"203.0.113.9"),
        ("192.0.2.1", b"10.0.0.1, 203.0.113.9", b"203.0.113.9"),
    ],
    ids=["no claim", "a claim of a stranger", "our proxy says so", "our proxy behind a claim"],
)
def test_subgraphs_are_told_the_address_that_the_gateway_sees(
    client: str, claimed: bytes | None, expected: bytes
) -> None:
    settings = Settings.model_validate({"headers": {"forward": ["x-forwarded-for"]}, "trusted_proxies": ["192.0.2.1"]})

    assert forwarded(settings, client, claimed) == expected


def test_the_address_is_told_only_where_the_rules_forward_it() -> None:
    assert forwarded(Settings(), "203.0.113.7", b"10.0.0.1") is None
