"""Run `python -m gateway` as a process of its own, with a pipe or with a terminal at its end, and serve an SDL over HTTP."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TIMEOUT = 90  # seconds; machines that run tests are busy
COMMAND = [sys.executable, "-m", "gateway"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


def gateway(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, finished; what it printed is text."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def gateway_on_a_terminal(*arguments: object, folder: Path) -> tuple[int, str]:
    """The exit code, and all that a person would have seen on the terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**ENVIRONMENT, "TERM": "xterm"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    seen = b""
    try:
        while chunk := _read(leader):
            seen += chunk
        return process.wait(TIMEOUT), seen.decode()
    finally:
        process.kill()
        process.wait()
        os.close(leader)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the last process that held the terminal ended
        return b""


@contextmanager
def subgraph_at(answer: bytes, *, status: int = 200) -> Iterator[tuple[str, list[bytes]]]:
    """A subgraph on a free port that gives one answer to everything: its URL, and what it was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/graphql", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
