"""The sandbox: bubblewrap with all namespaces, an empty network, no capabilities, a read-only system, small private folders and limits."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .seccomp import seccomp_filter

MIB = 1024 * 1024
BOX = "/box"  # where the run's folder lies inside
INNER_ID = "65534"  # nobody
TMP_BYTES = 16 * MIB
SHM_BYTES = 1 * MIB
FILE_BYTES = 8 * MIB  # the largest file a run may write
COMPILED_BYTES = 64 * MIB  # the largest file a compiler may write
OPEN_FILES = 128
STACK_BYTES = 64 * MIB
LOCKED_BYTES = 64 * 1024
PROCESS_RESERVE = 8  # processes of the sandbox itself, besides those of the program
CASES_FD, RESULTS_FD, FILTER_FD = 3, 4, 5  # besides standard input, output and errors; shells know single digits only
# It says that it waits, and becomes what it is told to by one line of its standard input; the rest of that is the program's. Without a
# line, when the runner is gone, it ends.
WAITING_SHELL = ("/bin/sh", "-c", 'echo; IFS= read -r line || exit 125; eval "$line"')
SYSTEM_FOLDERS = ("/usr",)
SYSTEM_LINKS = ("/bin", "/sbin", "/lib", "/lib64", "/lib32")
# What toolchains read outside of /usr; each is bound when it is there. Nothing here tells of this machine's users or network.
CONFIGURATION = (
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/java-17-openjdk",
    "/etc/java-21-openjdk",
    "/etc/ssl/openssl.cnf",
)
REQUIRED_TOOLS = ("bwrap", "setpriv")


class SandboxMissing(Exception):
    """Raised when this machine cannot make the sandbox; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process tree may use."""

    memory_mb: int
    cpu_seconds: int
    """The hard end; the supervisor stops a run earlier, by the clock of the case."""
    processes: int = 32
    has_address_limit: bool = True
    """RLIMIT_AS besides the control group; off for node and the JVM, which reserve far more than they use."""
    writes_box: bool = False
    """The run's own folder is writable: for compilers only."""


@dataclass(slots=True)
class Sandbox:
    """Builds the command lines that make sandboxes."""

    tools: dict[str, str] = field(default_factory=dict)
    filter: bytes = b""
    processes_option: str = "-u"
    """What the shell calls the limit of processes: bash -u, dash and others -p."""

    @classmethod
    def find(cls) -> Sandbox:
        """The sandbox of this machine. Raises SandboxMissing."""
        tools = {name: shutil.which(name) or "" for name in REQUIRED_TOOLS}
        missing = [name for name, path in tools.items() if not path]
        if missing:
            raise SandboxMissing(f"{' and '.join(missing)} not found; install bubblewrap and util-linux")
        try:
            has_u = subprocess.run(["/bin/sh", "-c", "ulimit -u"], capture_output=True, check=False).returncode == 0
            return cls(tools, seccomp_filter(), "-u" if has_u else "-p")
        except Exception as error:
            raise SandboxMissing(str(error)) from error

    def command(self, join_files: Sequence[Path], uid: int | None, folder: Path, writes_box: bool) -> list[str]:
        """The command that makes the sandbox, with `folder` as /box and a waiting shell in it. The filter is read from FILTER_FD."""
        # The shell joins the control group before anything else starts, so that nothing is ever outside of it.
        join = "".join(f"echo $$ > {path} || exit 125\n" for path in join_files)
        command = ["/bin/sh", "-c", f'cd /\n{join}exec "$@"', "sh"]
        if uid is not None:
            ids = ["--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
            command += [self.tools["setpriv"], *ids, "--no-new-privs", "--"]
        command += [
            self.tools["bwrap"],
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--uid",
            INNER_ID,
            "--gid",
            INNER_ID,
        ]
        command += ["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--hostname", "box", "--clearenv"]
        command += ["--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8"]
        for path in SYSTEM_FOLDERS:
            command += ["--ro-bind", path, path]
        for path in SYSTEM_LINKS:
            if os.path.islink(path):
                command += ["--symlink", os.readlink(path), path]
            elif os.path.isdir(path):
                command += ["--ro-bind", path, path]
        for path in CONFIGURATION:
            command += ["--ro-bind-try", path, path]
        command += ["--proc", "/proc", "--dev", "/dev"]
        command += ["--size", str(SHM_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
        command += ["--size", str(TMP_BYTES), "--tmpfs", "/tmp"]
        command += ["--bind" if writes_box else "--ro-bind", str(folder), BOX, "--chdir", BOX]
        # The root itself is a tmpfs of any size: without this, files could be put beside the folders.
        command += ["--remount-ro", "/"]
        command += ["--seccomp", str(FILTER_FD), "--", *WAITING_SHELL]
        return command

    def rlimits(self, limits: Limits, others: int) -> str:
        """The kernel's own limits, as a shell sets them before it becomes the program.

        `others` are the processes that the uid has besides the run's."""
        commands = [
            # At the first a signal, at the second the end.
            f"ulimit -S -t {limits.cpu_seconds}",
            f"ulimit -H -t {limits.cpu_seconds + 1}",
            f"ulimit -f {(COMPILED_BYTES if limits.writes_box else FILE_BYTES) // 512}",
            f"ulimit -n {OPEN_FILES}",
            f"ulimit -s {STACK_BYTES // 1024}",
            f"ulimit -l {LOCKED_BYTES // 1024}",
            "ulimit -c 0",
            f"ulimit {self.processes_option} {limits.processes + PROCESS_RESERVE + others}",
        ]
        if limits.has_address_limit:
            commands.append(f"ulimit -v {limits.memory_mb * 1024}")
        return " && ".join(commands)

    def open_filter(self) -> int:
        """A file descriptor that the filter can be read from; the caller closes it."""
        reading, writing = os.pipe()
        os.write(writing, self.filter)
        os.close(writing)
        return reading


def tasks_of(uid: int) -> int:
    """How many processes and threads a user has right now, those included that are about to be gone."""
    count = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if folder.stat().st_uid == uid:
                    count += max(1, len(list((folder / "task").iterdir())))
    return count
