"""Before anything is run: hostile programs that a working sandbox contains. One that gets through, and the runner serves nothing."""

from __future__ import annotations

from dataclasses import dataclass

from .jobs import CaseInput, CaseResult, Job, JobKind, Verdict
from .languages import LanguageSupport, version_line
from .process import SandboxedProcess
from .sandbox import Limits, Sandbox
from .slots import Slot
from .supervise import carry_out

VERSION_SECONDS = 20.0  # for a tool to say its version; a machine that starts has much else to do


class SandboxBroken(Exception):
    """Raised when a self-test gets through the sandbox; the message says which, and what was seen."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A Python program that prints "contained" when the sandbox holds."""

    name: str
    source: str


_TRY = """
import os, sys
def attempt(action):
    try:
        action()
    except OSError as error:
        return error
    print("escaped")
    sys.exit()
"""
SELF_TESTS = (
    SelfTest(
        "the network is out of reach",
        """
import socket
def connect(address):
    socket.create_connection(address, timeout=1)
for address in (("127.0.0.1", 22), ("127.0.0.1", 5432), ("1.1.1.1", 53)):
    attempt(lambda: connect(address))
""",
    ),
    SelfTest(
        "the system cannot be written",
        """
for path in ("/usr/x", "/x", "/box/x", "/etc/x", "/dev/x"):
    attempt(lambda: open(path, "w"))
""",
    ),
    SelfTest(
        "the host's files are not there",
        """
for parts in (("etc", "passwd"), ("etc", "shadow"), ("boot",), ("home",), ("var",), ("sys", "kernel")):
    attempt(lambda: os.stat(os.path.join("/", *parts)))
attempt(lambda: open(os.path.join("/proc/1", "root", "etc", "passwd")))
""",
    ),
    SelfTest(
        "no capability and no other process",
        """
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
assert int(status["CapEff"], 16) == 0 and int(status["CapBnd"], 16) == 0, status["CapEff"]
assert status["Seccomp"].strip() == "2", status["Seccomp"]
assert status["NoNewPrivs"].strip() == "1"
assert len([name for name in os.listdir("/proc") if name.isdigit()]) <= 3
assert set(os.environ) <= {"PATH", "HOME", "LANG", "PWD", "LC_CTYPE", "OLDPWD", "SHLVL", "_"}, dict(os.environ)
""",
    ),
    SelfTest(
        "nothing of the runner is open",
        """
for fd in range(3, 256):
    attempt(lambda: os.fstat(fd))
""",
    ),
    SelfTest(
        "the kernel's own limits are set, for good",
        """
import resource
for name in ("CPU", "NPROC", "FSIZE", "AS", "NOFILE", "STACK", "CORE", "MEMLOCK", "MSGQUEUE"):
    limit = getattr(resource, f"RLIMIT_{name}", 12)
    soft, hard = resource.getrlimit(limit)
    assert soft != resource.RLIM_INFINITY and hard != resource.RLIM_INFINITY, name
    try:
        resource.setrlimit(limit, (soft, hard + 1))
        print("escaped", name)
    except ValueError:
        pass
""",
    ),
    SelfTest(
        "ptrace and namespaces are refused",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for call in (lambda: libc.ptrace(0, 0, 0, 0), lambda: libc.unshare(0x10000000), lambda: libc.mount(b"x", b"/tmp", b"tmpfs", 0, 0)):
    assert call() == -1 and ctypes.get_errno() == 1, ctypes.get_errno()
""",
    ),
    SelfTest(
        "processes are limited",
        """
children = []
try:
    for _ in range(300):
        pid = os.fork()
        if pid == 0:
            import time
            time.sleep(5)
            os._exit(0)
        children.append(pid)
    print("escaped")
    sys.exit()
except OSError:
    assert len(children) < 100
""",
    ),
)
_MEMORY_HOG = "hog = []\nwhile True:\n    hog.append(b'x' * 1000000)\n"


async def check_sandbox(sandbox: Sandbox, slot: Slot) -> None:
    """Run the self-tests, each in a sandbox that stood ready as those of runs do.

    Raises SandboxBroken for the first that gets through, SandboxMissing where no sandbox can be made."""
    for test in SELF_TESTS:
        source = f"{_TRY}{test.source}\nprint('contained')\n"
        case = await _try(sandbox, slot, Job(JobKind.PROGRAM, "python", source, (CaseInput(),), "self-test"))
        if case.stdout.strip() != "contained":
            raise SandboxBroken(f"self-test '{test.name}': {case.verdict}, {case.stdout} {case.stderr}".strip())
    hog = Job(JobKind.PROGRAM, "python", _MEMORY_HOG, (CaseInput(),), "self-test", memory_limit_mb=64)
    case = await _try(sandbox, slot, hog)
    if case.verdict is not Verdict.MEMORY_LIMIT:
        raise SandboxBroken(f"self-test 'memory is limited': {case.verdict}, {case.stderr}")


async def _try(sandbox: Sandbox, slot: Slot, job: Job) -> CaseResult:
    await slot.make_ready(sandbox)
    (case,) = (await carry_out(sandbox, slot, job)).cases
    return case


async def version_of(sandbox: Sandbox, slot: Slot, support: LanguageSupport) -> str | None:
    """What runs the language inside the sandbox; None when it does not start there."""
    folder = slot.make_folder()
    limits = Limits(512, 10, support.processes, has_address_limit=False)
    process = await SandboxedProcess.start(sandbox, slot, folder, limits, support.version_command)
    try:
        await process.ended(VERSION_SECONDS)
        stdout, stderr = process.take_output()
        return version_line(stdout or stderr) if process.returncode == 0 else None
    finally:
        await process.close()
        folder.rmdir()
