"""Run strangers' code: what is asked of the runner and what comes back; the runner itself; its sandbox; its languages.

Reading order: jobs (the values that go in and out), runner_client (how the subgraph asks), __main__ and runner_server (the process that
answers), fair_queue, self_test, supervise (one job from start to end), process (one sandboxed process), slots and launcher (where it
runs, and the sandbox that is made ahead of it), orphans, languages and c_language with harness/ (what runs inside), sandbox, seccomp,
cgroups. The runner's half imports nothing of the subgraph.
"""

from .jobs import CaseInput, CaseResult, Job, JobKind, JobResult, Verdict
from .runner_client import ChildRunner, NoRunner, Runner, SocketRunner, Toolchain

__all__ = [
    "CaseInput",
    "CaseResult",
    "ChildRunner",
    "Job",
    "JobKind",
    "JobResult",
    "NoRunner",
    "Runner",
    "SocketRunner",
    "Toolchain",
    "Verdict",
]
