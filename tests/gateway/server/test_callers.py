"""Who a request comes from: the address that subgraphs are told is the gateway's own view, never the client's claim."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

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
        ("10.4.7.11", b"198.51.100.1, 203.0.113.9", b"203.0.113.9"),
        ("::ffff:10.4.7.11", b"203.0.113.9", b"203.0.113.9"),
        ("10.4.7.11", b"198.51.100.1, 203.0.113.9, 192.0.2.1", b"203.0.113.9"),
        ("10.4.7.11", b"10.9.9.9, 192.0.2.1", b"10.9.9.9"),
        ("10.4.7.11", b" , ", b"10.4.7.11"),
        ("203.0.113.7", b"10.4.7.11", b"203.0.113.7"),
        ("10.4.7.11", b"nobody", b"nobody"),
    ],
    ids=[
        *("no claim", "a claim of a stranger", "our proxy says so", "our proxy behind a claim"),
        *("any proxy of our network", "one whose address is written as of version 6", "a chain of our proxies"),
        *("nobody but our own", "a list of nothing", "a stranger who names one of ours", "no address at all"),
    ],
)
def test_subgraphs_are_told_the_address_that_the_gateway_sees(
    client: str, claimed: bytes | None, expected: bytes
) -> None:
    settings = Settings.model_validate(
        {"headers": {"forward": ["x-forwarded-for"]}, "trusted_proxies": ["192.0.2.1", "10.4.0.0/16"]}
    )

    assert forwarded(settings, client, claimed) == expected


def test_what_is_no_address_of_a_proxy_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"'ingress' is neither an address nor a network such as 10\.0\.0\.0/8"):
        Settings.model_validate({"trusted_proxies": ["ingress"]})


def test_the_address_is_told_only_where_the_rules_forward_it() -> None:
    assert forwarded(Settings(), "203.0.113.7", b"10.0.0.1") is None
