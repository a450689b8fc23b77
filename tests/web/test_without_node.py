"""A machine without Node: the pages are not built, which is said plainly, and `./just up` works all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from deploy.local.ports import free_block

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 400.0  # seconds; on a busy machine of two cores
NODE = {"node", "nodejs", "npm", "npx"}


@pytest.fixture
def path_without_node(tmp_path: Path) -> str:
    """A PATH with everything that is on this machine's, but Node."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for tool in Path(folder).glob("*") if Path(folder).is_dir() else ():
            if tool.name not in NODE and not (tools / tool.name).is_symlink():
                (tools / tool.name).symlink_to(tool)
    return str(tools)


def test_building_the_pages_says_what_is_missing_and_what_works_without(path_without_node: str) -> None:
    environment = {**os.environ, "PATH": path_without_node}
    run = subprocess.run(
        ["sh", str(ROOT / "web" / "build.sh")], env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert "Node.js is not installed" in run.stderr
    assert "Everything else works without it" in run.stderr


@pytest.mark.timeout(600)
def test_up_works_without_node_and_says_where_the_practice_page_is(path_without_node: str, tmp_path: Path) -> None:
    port = free_block(5)
    output = tmp_path / "output"
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "up", "--first-port", str(port), "--data", str(tmp_path / "data")],
            cwd=ROOT,
            env={**os.environ, "PATH": path_without_node, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while "Tandem is up" not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.2)
        is_built = (ROOT / "web" / "dist" / "practice" / "index.html").exists()
        assert (f"127.0.0.1:{port}/practice" if is_built else "not built: ./just web") in output.read_text()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", headers={"accept": "text/html"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert "<html" in answer.read().decode()
        question = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql",
            data=b'{"query": "{ questions(first: 1) { totalCount } }"}',
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(question, timeout=60) as answer:
            assert b'"totalCount":' in answer.read()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)
