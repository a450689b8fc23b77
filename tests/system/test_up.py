"""`./just up` as a person meets it: clear sentences when it cannot start, and nothing left behind when it stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.ports import free_block
from deploy.local.supervise import NotRunning, ask_for_rolling_restart, process_id_file
from tests.system.conftest import ROOT, up

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    first = free_block(5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 2))
        taken.listen()
        with up(tmp_path / "data", first) as running:
            assert running.process.wait(60) == 2

    assert f"A port is taken by another program: {first + 2} (questions)" in running.output
    assert "--first-port" in running.output


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://localhost/tandem", "DATABASE_URL names 'mysql', but Tandem needs PostgreSQL"),
        ("not a url", "DATABASE_URL is not a database URL"),
        ("postgresql://nobody@127.0.0.1:1/tandem", "DATABASE_URL is set, but its database cannot be reached"),
    ],
)
def test_a_broken_database_url_gets_one_clear_sentence(tmp_path: Path, url: str, sentence: str) -> None:
    with up(tmp_path / "data", free_block(5), DATABASE_URL=url) as running:
        assert running.process.wait(60) == 2

    assert sentence in running.output
    assert "Traceback" not in running.output


def test_a_file_of_settings_counts_for_the_whole_system(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=mysql://localhost/tandem\n")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    for command in (
        ["deploy.local", "up", "--data", "data", "--first-port", str(free_block(5))],
        ["subgraphs", "migrate", "all"],
    ):
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ended.returncode != 0
        assert "DATABASE_URL names 'mysql', but Tandem needs PostgreSQL" in ended.stderr


def test_a_folder_on_which_a_system_runs_is_left_to_it(tmp_path: Path) -> None:
    with process_id_file(tmp_path / "data" / "up.pid"), up(tmp_path / "data", free_block(5)) as running:
        assert running.process.wait(60) == 2

    assert f"Tandem runs already on {tmp_path / 'data'} (process {os.getpid()})" in running.output
    assert "--data" in running.output


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with up(tmp_path / "file" / "data", free_block(5)) as running:
        assert running.process.wait(60) == 2

    assert f"{tmp_path / 'file'}" in running.output
    assert "--data FOLDER" in running.output
    assert "Traceback" not in running.output


def test_the_number_of_a_system_that_was_killed_is_asked_for_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            (tmp_path / "up.pid").write_text(str(stranger.pid))
            with pytest.raises(NotRunning):
                ask_for_rolling_restart(tmp_path / "up.pid")
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_cleanly_and_a_second_start_keeps_the_data(data_folder: Path, number: signal.Signals) -> None:
    folder = data_folder.parent / f"again-{number.name}"
    first = free_block(5)
    for attempt in range(2):
        with up(folder, first) as running:
            running.wait_until_up()
            family = psutil.Process(running.process.pid).children(recursive=True)
            status = running.stop(number)
        assert status == 0, running.output
        assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
        assert attempt == 0 or "0 created" in (folder / "logs" / "question_bank.log").read_text()
