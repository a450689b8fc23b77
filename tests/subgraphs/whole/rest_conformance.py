"""Run schemathesis against both REST faces: `./just rest-conformance`. It has an environment of its own under .data/schemathesis.

A private PostgreSQL, users and questions are started on free ports; the exit status is 1 when schemathesis finds something.
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
from subgraphs.questions.settings import QuestionsSettings
from subgraphs.users.app import create_app as create_users
from subgraphs.users.mail import RecordingMailer
from subgraphs.users.service import SignUp
from subgraphs.users.session_service import LogIn
from subgraphs.users.sessions import Device
from subgraphs.users.settings import UsersSettings

ENVIRONMENT = Path(".data") / "schemathesis"
PASSWORD = "correct horse battery staple"
# A value that fits the schema can be wrong for other reasons (a cursor of another list): a 422 that says so is right.
LEFT_OUT = ("--exclude-checks", "positive_data_acceptance,negative_data_rejection")
# These end the session or the account that asks.
ENDING = ("--exclude-path-regex", "(deletion|sessions/current|/password$)")


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
            statuses = asyncio.run(_check_both(program, server.url("rest"), examples))
        finally:
            server.stop()
    sys.exit(1 if any(statuses) else 0)


def _schemathesis() -> Path:
    """The program, installed on first use; it is no dependency of ours."""
    program = ENVIRONMENT / "bin" / "schemathesis"
    if not program.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "--quiet", "schemathesis>=4.32,<5"], check=True)
    return program.resolve()


async def _check_both(program: Path, url: str, examples: str) -> list[int]:
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
    async with _serving(users, listeners["users"]), _serving(questions, listeners["questions"]):
        bank = load_bank(BANK_PATH)[:8]
        await questions.state.services.questions.load_bank([columns_from(question) for question in bank])
        token = await _admin_token(users.state.services)
        return [await _run(program, f"{urls[name]}/v1/openapi.json", token, examples) for name in urls]


async def _admin_token(services: Any) -> str:
    nowhere = Device(None, None)
    await services.users.sign_up(SignUp("Root", "root@example.com", PASSWORD, None, None), nowhere)
    await services.admin.make_admin("root@example.com")
    tokens = await services.sessions.log_in(LogIn("root@example.com", PASSWORD), nowhere)
    return str(tokens.access_token)


async def _run(program: Path, document_url: str, token: str, examples: str) -> int:
    arguments = ["run", document_url, "-H", f"Authorization: Bearer {token}", "--max-examples", examples]
    arguments += ["--phases", "coverage,fuzzing", "--request-timeout", "60", "--no-color", *LEFT_OUT, *ENDING]
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
