"""The picture of the dashboard shows every panel with the lines that Prometheus answers."""

from __future__ import annotations

import json
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.monitoring.grafana.picture import DASHBOARD, main

SVG = "{http://www.w3.org/2000/svg}"


class Answers(BaseHTTPRequestHandler):
    """Answers every query with one series, but that for sockets with none."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        start = float(asked["start"][0])
        values = [[start, "1"], [start + 60, "NaN"], [start + 120, "3"]]
        series = [] if "websockets" in asked["query"][0] else [{"metric": {"kind": "query"}, "values": values}]
        body = json.dumps({"data": {"result": series}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def prometheus() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_every_panel_is_drawn_with_its_title_and_its_lines(prometheus: str, tmp_path: Path) -> None:
    main(tmp_path / "dashboard.svg", prometheus, minutes=5)

    picture = ElementTree.parse(tmp_path / "dashboard.svg").getroot()
    words = {element.text for element in picture.iter(f"{SVG}text")}
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert {panel["title"] for panel in panels if panel.get("targets")} <= words
    assert "query" in words  # the legend is filled in from the labels
    lines = [element.attrib["points"] for element in picture.iter(f"{SVG}polyline")]
    assert lines
    assert all(len(line.split()) == 2 for line in lines)  # what is not a number is left out
