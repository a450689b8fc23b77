"""Run strangers' code: what is asked of the runner and what comes back; the runner itself; its sandbox; its languages.

Reading order: jobs (the values that go in and out), runner_client (how the subgraph asks).
"""

from .jobs import CaseInput, CaseResult, Job, JobKind, JobResult, Verdict
from .runner_client import NoRunner, Runner, Toolchain

__all__ = [
    "CaseInput",
    "CaseResult",
    "Job",
    "JobKind",
    "JobResult",
    "NoRunner",
    "Runner",
    "Toolchain",
    "Verdict",
]
