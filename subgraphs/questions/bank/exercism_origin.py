"""What a copy of exercism/problem-specifications tells about itself: its exercise folders, its commit, its copyright notice."""

from __future__ import annotations

from pathlib import Path

EXERCISM_URL = "https://github.com/exercism/problem-specifications"


def exercise_folders(root: Path) -> list[Path]:
    """The folders of the exercises, by name. Raises NotADirectoryError when there are none at `root`."""
    parent = root / "exercises" if (root / "exercises").is_dir() else root
    folders = sorted(folder for folder in parent.iterdir() if folder.is_dir()) if parent.is_dir() else []
    folders = [folder for folder in folders if (folder / "canonical-data.json").exists() or _has_text(folder)]
    if not folders:
        raise NotADirectoryError(
            f"{root} has no exercises: a copy of {EXERCISM_URL} (or its `exercises` folder) is expected"
        )
    return folders


def _has_text(folder: Path) -> bool:
    return any(
        (folder / name).exists() for name in ("metadata.toml", "description.md", "instructions.md", ".deprecated")
    )


def copyright_notice(root: Path) -> str:
    """The line that the MIT licence asks to be kept."""
    for folder in (root, root.parent):
        try:
            text = (folder / "LICENSE").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        return next((line.strip() for line in text.splitlines() if line.startswith("Copyright")), "")
    return ""


def checked_out_commit(root: Path) -> str:
    """The commit that is checked out, read from the files of `.git`; empty when there is none."""
    for folder in (root, root.parent):
        git = folder / ".git"
        try:
            head = (git / "HEAD").read_text(encoding="utf-8").strip()
            if not head.startswith("ref: "):
                return head
            name = head.removeprefix("ref: ")
            if (git / name).exists():
                return (git / name).read_text(encoding="utf-8").strip()
            for line in (git / "packed-refs").read_text(encoding="utf-8").splitlines():
                if line.endswith(f" {name}"):
                    return line.partition(" ")[0]
        except (OSError, UnicodeDecodeError):
            continue
    return ""
