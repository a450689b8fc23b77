"""The public audit, suite by suite, in its strict form: with Apollo's supergraphs and with our own composition."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.audit.run_audit import (
    DATA,
    PORT_IN_DATA,
    audit_server,
    cases_of_suite,
    is_listening,
    run_suite,
    suites,
)

pytestmark = [pytest.mark.audit, pytest.mark.node]


@pytest.fixture(scope="module")
def audit_port() -> Iterator[int]:
    """The audit's subgraphs: one that listens already, or one started from AUDIT_CHECKOUT."""
    checkout = os.environ.get("AUDIT_CHECKOUT")
    if checkout is None and not is_listening(PORT_IN_DATA):
        pytest.skip("the audit's subgraphs are not running: set AUDIT_CHECKOUT (and AUDIT_NODE), see run_audit.py")
    with audit_server(Path(checkout) if checkout else None, os.environ.get("AUDIT_NODE", "node"), PORT_IN_DATA):
        yield PORT_IN_DATA


@pytest.mark.skipif(not DATA.is_dir(), reason="the audit's data is not beside the repository (../shared/audit)")
@pytest.mark.parametrize("composed_by_us", [False, True], ids=["apollo", "composed"])
@pytest.mark.parametrize("suite", suites())
async def test_every_answer_of_a_suite_is_right(suite: str, composed_by_us: bool, audit_port: int) -> None:
    wrong = await run_suite(suite, cases_of_suite(suite), audit_port, composed_by_us=composed_by_us, strict=True)
    assert wrong == {}
