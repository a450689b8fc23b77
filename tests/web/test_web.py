"""The packages and pages for browsers: what is committed is clean, and what Node tests passes where Node is installed."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
BUILT = WEB / "dist" / "practice"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (WEB / "node_modules").is_dir(),
    reason="Node or web/node_modules: run ./just web",
)
needs_build = pytest.mark.skipif(not BUILT.is_dir(), reason="the practice page is not built: run ./just web")


def _vitest(project: str, seconds: float) -> subprocess.CompletedProcess[str]:
    generated = subprocess.run(
        ["npm", "run", "generate", "--silent"], cwd=WEB, capture_output=True, text=True, timeout=300
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    process = subprocess.Popen(
        ["npx", "vitest", "run", "--project", project],
        cwd=WEB,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    finally:
        if process.poll() is None:
            # The browsers and the system that it has started go with it.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, "")


def test_the_lock_file_names_no_address_to_download_from() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "://" in package.get("resolved", "")] == []


@needs_build
def test_the_practice_page_stays_below_400_kilobytes_compressed() -> None:
    files = [file for file in BUILT.rglob("*") if file.suffix in {".html", ".js", ".css"}]
    assert files
    size = sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert size < 400_000, f"{size} bytes"


@needs_build
def test_the_practice_page_names_no_other_host_to_load_from() -> None:
    page = (BUILT / "index.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_the_guide_shows_the_example_that_is_checked() -> None:
    example = (WEB / "packages" / "yjs" / "examples" / "firstRoom.ts").read_text()
    guide = (WEB.parent / "docs" / "frontend.md").read_text()
    assert example in guide, "docs/frontend.md shows an old web/packages/yjs/examples/firstRoom.ts"


@needs_node
@pytest.mark.node
@pytest.mark.timeout(500)
def test_the_units_of_packages_and_pages_pass() -> None:
    run = _vitest("unit", 400)
    assert run.returncode == 0, run.stdout + run.stderr


@needs_node
@pytest.mark.node
@pytest.mark.timeout(900)
@pytest.mark.slow
def test_editors_end_with_the_text_of_the_server_and_the_guide_does_what_it_says() -> None:
    run = _vitest("integration", 800)
    assert run.returncode == 0, run.stdout + run.stderr


@needs_node
@pytest.mark.node
@pytest.mark.timeout(1000)
@needs_build
@pytest.mark.slow
@pytest.mark.skipif(not Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).exists(), reason="no Chromium")
def test_browsers_play_the_journey_call_each_other_and_find_nothing_wrong() -> None:
    run = _vitest("browser", 900)
    assert run.returncode == 0, run.stdout + run.stderr
