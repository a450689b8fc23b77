"""The sandbox: bubblewrap with all namespaces, an empty network, no capabilities, a read-only system, small private folders and limits."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .cgroups import ControlGroup
from .seccomp import seccomp_filter

MIB = 1024 * 1024
BOX = "/box"  # where the run's folder lies inside
FOLDER_PREFIX = "tandem-run-"
INNER_ID = "65534"  # nobody
FIRST_UID = 61200  # outer uids, one per slot, used when the runner is root: process limits count per uid
TMP_BYTES = 16 * MIB
SHM_BYTES = 1 * MIB
FILE_BYTES = 8 * MIB  # the largest file a run may write
COMPILED_BYTES = 64 * MIB  # the largest file a compiler may write
OPEN_FILES = 128
PROCESS_RESERVE = 8  # processes of the sandbox itself, besides those of the program
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
REQUIRED_TOOLS = ("bwrap", "prlimit", "setpriv")


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
class Slot:
    """A place for one run at a time: its outer uid and its control group."""

    number: int
    group: ControlGroup
    uid: int | None = None
    """None when the runner itself is not root: then everything runs as the runner's own uid."""


@dataclass(slots=True)
class Sandbox:
    """Builds the command lines of sandboxed processes."""

    tools: dict[str, str] = field(default_factory=dict)
    filter: bytes = b""

    @classmethod
    def find(cls) -> Sandbox:
        """The sandbox of this machine. Raises SandboxMissing."""
        tools = {name: shutil.which(name) or "" for name in REQUIRED_TOOLS}
        missing = [name for name, path in tools.items() if not path]
        if missing:
            raise SandboxMissing(f"{' and '.join(missing)} not found; install bubblewrap and util-linux")
        try:
            return cls(tools, seccomp_filter())
        except Exception as error:
            raise SandboxMissing(str(error)) from error

    def command(self, slot: Slot, folder: Path, limits: Limits, program: Sequence[str], filter_fd: int) -> list[str]:
        """The command that runs `program` in the sandbox, with `folder` as /box. `filter_fd` is where the filter can be read."""
        # The shell joins the control group before anything else starts, so that nothing is ever outside of it.
        join = "".join(f"echo $$ > {path} || exit 125\n" for path in slot.group.join_files)
        command = ["/bin/sh", "-c", f'{join}exec "$@"', "sh"]
        if slot.uid is not None:
            ids = ["--reuid", str(slot.uid), "--regid", str(slot.uid), "--clear-groups"]
            command += [self.tools["setpriv"], *ids, "--no-new-privs", "--"]
        command += [self.tools["prlimit"], *_rlimits(limits, slot.uid), "--", self.tools["bwrap"]]
        command += ["--unshare-all", "--unshare-user", "--disable-userns", "--uid", INNER_ID, "--gid", INNER_ID]
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
        command += ["--bind" if limits.writes_box else "--ro-bind", str(folder), BOX, "--chdir", BOX]
        # The root itself is a tmpfs of any size: without this, files could be put beside the folders.
        command += ["--remount-ro", "/"]
        command += ["--seccomp", str(filter_fd), "--", *program]
        return command

    def open_filter(self) -> int:
        """A file descriptor that the filter can be read from; the caller closes it."""
        reading, writing = os.pipe()
        os.write(writing, self.filter)
        os.close(writing)
        return reading


def make_folder(slot: Slot) -> Path:
    """A folder for one run, which the slot's uid may read and, while it compiles, write."""
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    if slot.uid is not None:
        os.chown(folder, slot.uid, slot.uid)
    return folder


def remove_stale_folders() -> None:
    """Take away the folders of runners that were killed: their number is in the name."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*-*"):
        number = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _rlimits(limits: Limits, uid: int | None) -> list[str]:
    # The kernel counts the processes of a uid, wherever they are. A slot's uid has none but its run's; without uids of their own the
    # runner's count too, and what is left of the run before.
    others = 0 if uid is not None else _tasks_of(os.geteuid())
    file_bytes = COMPILED_BYTES if limits.writes_box else FILE_BYTES
    options = [
        f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 1}",
        f"--nproc={limits.processes + PROCESS_RESERVE + others}",
        f"--fsize={file_bytes}",
        f"--nofile={OPEN_FILES}",
        f"--stack={64 * MIB}",
        "--core=0",
        "--memlock=65536",
        "--msgqueue=0",
    ]
    if limits.has_address_limit:
        options.append(f"--as={limits.memory_mb * MIB}")
    return options


def _tasks_of(uid: int) -> int:
    """How many processes and threads a user has right now, those included that are about to be gone."""
    count = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if folder.stat().st_uid == uid:
                    count += max(1, len(list((folder / "task").iterdir())))
    return count
