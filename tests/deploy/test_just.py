"""`./just` on a newcomer's machine: any name of a folder, and sentences about what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `./just` needs of a clone, in a folder with a space in its name."""
    folder = tmp_path / "my clone"
    folder.mkdir()
    for name in ("just", "justfile", "requirements.lock"):
        shutil.copy2(ROOT / name, folder)
    return folder


def test_recipes_run_in_a_folder_with_a_space_in_its_name(clone: Path) -> None:
    just = Path(sys.executable).parent / "just"
    if not just.exists():
        pytest.skip("just is not installed in this environment")
    told = subprocess.run(
        [str(just), "--justfile", str(clone / "justfile"), "--dry-run", "demo"], capture_output=True, text=True
    )

    assert f"'{clone}/.venv/bin/python' -m deploy.local demo" in told.stderr


def test_an_interpreter_that_is_none_is_told_and_no_other_is_taken(clone: Path) -> None:
    told = subprocess.run(
        ["./just", "--list"],
        cwd=clone,
        env={**os.environ, "TANDEM_PYTHON": "/nowhere at all/python"},
        capture_output=True,
        text=True,
    )

    assert told.returncode != 0
    assert "TANDEM_PYTHON is /nowhere at all/python, and that is no Python 3.11 or newer" in told.stderr
    assert not (clone / ".venv").exists()
