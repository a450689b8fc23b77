"""Packages of npm for tests, in a folder outside the repository that is kept for the next run."""

import getpass
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest


def npm_folder(name: str, packages: Sequence[str], seconds: float) -> Path:
    """The folder, with these packages installed in it; skips the test where npm cannot do that within so many seconds."""
    folder = Path(tempfile.gettempdir()) / f"gateway-{name}-{getpass.getuser()}"
    folder.mkdir(exist_ok=True)
    mark = folder / "wanted"
    wanted = json.dumps(list(packages))
    if not mark.exists() or mark.read_text() != wanted:
        try:
            installed = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages],
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm could not install {', '.join(packages)} within {seconds} seconds")
        if installed.returncode:
            pytest.skip(f"npm could not install {', '.join(packages)}: {installed.stderr[-300:]}")
        mark.write_text(wanted)
    return folder
