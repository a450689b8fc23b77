"""Run schemathesis against both REST faces: `./just rest-conformance`. It has an environment of its own under .data/schemathesis.

A private PostgreSQL, users and questions are started on free ports. The exit status is 1 when schemathesis finds something, or when an
operation was never let in; what every operation answered is printed at the end.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from deploy.local.postgres import start_private_postgres
from subgraphs.kit import migrations
from subgraphs.questions.app import create_app as create_questions
from subgraphs.questions.bank import BANK_PATH, load_bank
from subgraphs.questions.documents import columns_from
from subgraphs.questions.rest import OPERATIONS as OPERATIONS_OF_QUESTIONS
from subgraphs.questions.settings import QuestionsSettings
from subgraphs.users.app import create_app as create_users
from subgraphs.users.mail import RecordingMailer
from subgraphs.users.rest import OPERATIONS as OPERATIONS_OF_USERS
from subgraphs.users.settings import UsersSettings
from tests.subgraphs.whole.rest_face import PLACEHOLDER, Administrators, WatchedFace

ENVIRONMENT = Path(".data") / "schemathesis"
# A value that fits the schema can be wrong for other reasons (a cursor of another list): a 422 that says so is right.
LEFT_OUT = ("--exclude-checks", "positive_data_acceptance,negative_data_rejection")


def main() -> None:
    """Check both, with so many examples per operation (the first argument; 25)."""
    examples = sys.argv[1] if len(sys.argv) > 1 else "25"
    program = _schemathesis()
    with tempfile.TemporaryDirectory(prefix="tandem-rest-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = start_private_postgres(Path(folder) / "postgres", is_durable=False)
        try:
            asyncio.run(server.create_database("rest"))
            for history in migrations.histories():
                migrations.upgrade(history, server.url("rest"))
            holds = asyncio.run(_check_both(program, server.url("rest"), examples))
        finally:
            server.stop()
    sys.exit(0 if holds else 1)


def _schemathesis() -> Path:
    """The program, installed on first use; it is no dependency of ours."""
    program = ENVIRONMENT / "bin" / "schemathesis"
    if not program.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "--quiet", "schemathesis>=4.32,<5"], check=True)
    return program.resolve()


async def _check_both(program: Path, url: str, examples: str) -> bool:
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in ("users", "questions")}
    urls = {name: f"http://127.0.0.1:{listener.getsockname()[1]}" for name, listener in listeners.items()}
    shared: dict[str, Any] = {
        "_env_file": None,
        "database_url": url,
        "database_pool_size": 5,
        "log_level": "ERROR",
        "user_service_url": urls["users"],
        "question_service_url": urls["questions"],
    }
    limits: dict[str, Any] = {"sign_up_limit_per_address": 10**6, "login_limit_per_address": 10**6}
    users = create_users(UsersSettings(**shared, **limits), mailer=RecordingMailer())
    questions = create_questions(QuestionsSettings(**shared))
    administrators = Administrators(users)
    faces = {
        "users": WatchedFace(users, OPERATIONS_OF_USERS, administrators),
        "questions": WatchedFace(questions, OPERATIONS_OF_QUESTIONS, administrators),
    }
    async with _serving(faces["users"], listeners["users"]), _serving(faces["questions"], listeners["questions"]):
        bank = load_bank(BANK_PATH)[:8]
        await questions.state.services.questions.load_bank([columns_from(question) for question in bank])
        statuses = [await _run(program, f"{urls[name]}/v1/openapi.json", examples) for name in faces]
    for name, face in faces.items():
        print(face.report(name), flush=True)
    never = [operation for face in faces.values() for operation in face.never_let_in()]
    if never:
        print(f"Never let in: {', '.join(never)}", flush=True)
    return not any(statuses) and not never


async def _run(program: Path, document_url: str, examples: str) -> int:
    arguments = ["run", document_url, "-H", f"Authorization: Bearer {PLACEHOLDER}", "--max-examples", examples]
    arguments += ["--phases", "examples,coverage,fuzzing,stateful", "--request-timeout", "60", "--no-color", *LEFT_OUT]
    process = await asyncio.create_subprocess_exec(program, *arguments, cwd=ENVIRONMENT, env={**os.environ})
    return await process.wait()


@asynccontextmanager
async def _serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.05)
    try:
        yield
    finally:
        server.should_exit = True
        await task


if __name__ == "__main__":
    main()
