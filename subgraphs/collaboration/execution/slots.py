"""Places for runs: each has a control group and a uid of its own, and when nothing runs there a sandbox that stands ready."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from .cgroups import ControlGroup, control_groups
from .launcher import Launcher
from .sandbox import Sandbox

FOLDER_PREFIX = "tandem-run-"
FIRST_UID = 61200  # outer uids, one per slot, used when the runner is root: process limits count per uid
# While one run goes on, sandboxes for the next two are made: that takes longer than a short run. What is compiled takes a second one.
SLOTS_PER_WORKER = 3

logger = structlog.get_logger(__name__)


class Slot:
    """A place for one run at a time: its control group, its outer uid, and perhaps a sandbox that waits for the next run."""

    def __init__(self, number: int, group: ControlGroup, uid: int | None = None) -> None:
        self.number = number
        self.group = group
        self.uid = uid
        """None when the runner itself is not root: then everything runs as the runner's own uid."""
        self._waiting: Launcher | None = None

    async def make_ready(self, sandbox: Sandbox) -> None:
        """Start the sandbox of the next run ahead of it. Raises SandboxMissing."""
        await self._discard()
        folder = self._new_folder()
        try:
            self._waiting = await Launcher.start(sandbox, self.group, self.uid, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def make_folder(self) -> Path:
        """A folder for one run, which the slot's uid may read and, while it compiles, write: the waiting sandbox's, if there is one."""
        waiting = self._waiting
        # What cleans temporary folders may have taken it in the meantime.
        return waiting.folder if waiting is not None and waiting.folder.is_dir() else self._new_folder()

    def own(self, folder: Path) -> None:
        """Let what runs here write into a folder, where it is bound writable."""
        if self.uid is not None:
            os.chown(folder, self.uid, self.uid)

    async def take(self, sandbox: Sandbox, folder: Path, *, writes_box: bool) -> Launcher:
        """The sandbox that waits, if it is for this folder and may do what is asked, else a new one. Raises SandboxMissing."""
        waiting = self._waiting
        if waiting is not None and waiting.folder == folder and not writes_box and not waiting.ended.is_set():
            self._waiting = None
            return waiting
        await self._discard(but=folder)
        return await Launcher.start(sandbox, self.group, self.uid, folder, writes_box=writes_box)

    async def aclose(self) -> None:
        """End what waits here and take the control group away."""
        await self._discard()
        self.group.remove()

    async def _discard(self, but: Path | None = None) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            await waiting.end()
            if waiting.folder != but:
                shutil.rmtree(waiting.folder, ignore_errors=True)

    def _new_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
        folder.chmod(0o755)
        self.own(folder)
        return folder


class SlotPool:
    """Slots that stand ready for runs; those that were used are made ready again meanwhile."""

    def __init__(self, sandbox: Sandbox, slots: Sequence[Slot]) -> None:
        self._sandbox = sandbox
        self._free: asyncio.Queue[Slot] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        for slot in slots:
            self._give_back(slot)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """The slot that has been free for the longest; waits for one."""
        slot = await self._free.get()
        try:
            yield slot
        finally:
            self._give_back(slot)

    async def aclose(self) -> None:
        """Stop making slots ready. The slots are closed by whoever made them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _give_back(self, slot: Slot) -> None:
        task = asyncio.create_task(self._make_ready(slot))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make_ready(self, slot: Slot) -> None:
        try:
            await slot.make_ready(self._sandbox)
        except Exception as error:
            # The next run here tries again and says it to whoever asked; the slot must not be lost.
            logger.warning("runner.slot_not_ready", slot=slot.number, reason=str(error))
        self._free.put_nowait(slot)


def make_slots(count: int, first_uid: int = FIRST_UID) -> list[Slot]:
    """Slots with groups of the best kind that this machine lets us have."""
    uids = [first_uid + number if os.geteuid() == 0 else None for number in range(count)]
    return [Slot(number, group, uids[number]) for number, group in enumerate(control_groups(count))]


def remove_stale_folders() -> None:
    """Take away the folders of runners that were killed: their number is in the name."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*-*"):
        number = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)
