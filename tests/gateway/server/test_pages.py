"""Folders of built pages that the gateway serves beside GraphQL."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from gateway.server.pages import Pages
from gateway.server.settings import PageSettings


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the page</title>")
    (folder / "assets" / "main-1a2b.js").write_text("run()")
    (tmp_path / "secret.txt").write_text("not for browsers")
    missing = PageSettings(path="/later", folder=str(tmp_path / "missing"))
    pages = Pages((PageSettings(path="/practice", folder=str(folder)), missing))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        Request(scope)
        await pages.serve(scope, receive, send)

    return TestClient(app)


@pytest.mark.parametrize("path", ["/practice", "/practice/", "/practice/rooms/42"])
def test_an_address_within_the_page_gets_the_page_which_may_reach_nothing_but_its_origin(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert "the page" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_hashed_file_is_kept_for_ever(client: TestClient) -> None:
    answer = client.get("/practice/assets/main-1a2b.js")
    assert answer.text == "run()"
    assert "immutable" in answer.headers["cache-control"]


def test_a_file_goes_compressed_to_a_browser_that_takes_it(client: TestClient, tmp_path: Path) -> None:
    compressed = gzip.compress(b"run()")
    (tmp_path / "built" / "assets" / "main-1a2b.js.gz").write_bytes(compressed)
    answer = client.get("/practice/assets/main-1a2b.js", headers={"accept-encoding": "gzip, br"})
    assert answer.text == "run()"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(compressed))
    assert "javascript" in answer.headers["content-type"]
    assert answer.headers["vary"] == "accept-encoding"
    plain = client.get("/practice/assets/main-1a2b.js", headers={"accept-encoding": "identity"})
    assert (plain.text, "content-encoding" in plain.headers) == ("run()", False)


@pytest.mark.parametrize(
    "path", ["/practice/%2e%2e/secret.txt", "/practice/..%2fsecret.txt", "/practice/gone.js", "/practiced", "/"]
)
def test_nothing_outside_the_folder_is_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "not for browsers" not in answer.text


def test_a_page_that_is_not_built_says_how_to_build_it(client: TestClient) -> None:
    answer = client.get("/later")
    assert (answer.status_code, "./just web" in answer.text) == (404, True)


def test_a_page_is_only_read(client: TestClient) -> None:
    assert client.post("/practice").status_code == 404
