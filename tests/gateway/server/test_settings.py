"""Settings: where they come from, which win, and what is said of a wrong one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.server import settings_table
from gateway.server.settings_file import InvalidSettings, load_settings, settings_schema
from gateway.server.settings_safety import LimitMode


def test_without_a_file_and_variables_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment={})
    assert settings.port == 4000
    assert settings.traffic.request_timeout == 30.0
    assert settings.limits.body == 2 * 1024 * 1024
    assert settings.batching == 0


def test_file_environment_and_overrides_win_in_this_order(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(
        'port = 1\nhost = "a"\nworkers = 2\n[limits.depth]\nmax = 7\nmode = "measure"\n'
        '[subgraphs.users]\nurl = "http://users/graphql"\ntimeout = 2.5\n'
    )
    environment = {"PORT": "2", "GATEWAY_LIMITS__DEPTH__MAX": "8", "GATEWAY_HOST": "b"}
    settings = load_settings(file, environment, {"port": 3})
    assert (settings.port, settings.host, settings.workers) == (3, "b", 2)
    assert (settings.limits.depth.max, settings.limits.depth.mode) == (8, LimitMode.MEASURE)
    assert settings.subgraphs["users"].timeout == 2.5


def test_the_seed_s_variables_are_understood() -> None:
    settings = load_settings(environment={"PORT": "4100", "CORS_ORIGIN": "http://localhost:3000, https://app.example/"})
    assert settings.port == 4100
    assert settings.cors.origins == ("http://localhost:3000", "https://app.example")


def test_what_kubernetes_sets_for_a_service_named_gateway_is_no_setting() -> None:
    environment = {
        "GATEWAY_SERVICE_HOST": "10.0.0.1",
        "GATEWAY_SERVICE_PORT": "4000",
        "GATEWAY_SERVICE_PORT_HTTP": "4000",
        "GATEWAY_PORT": "tcp://10.0.0.1:4000",
        "GATEWAY_PORT_4000_TCP": "tcp://10.0.0.1:4000",
        "GATEWAY_PORT_4000_TCP_ADDR": "10.0.0.1",
        "PORT": "4100",
    }
    assert load_settings(environment=environment).port == 4100


def test_lists_in_variables_are_json() -> None:
    settings = load_settings(environment={"GATEWAY_OVERRIDE_LABELS": '["percent(50)", "beta"]'})
    assert settings.override_labels == ("percent(50)", "beta")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"prot": 1}, "unknown key 'prot' (did you mean 'port'?)"),
        ({"limits": {"dept": {"max": 1}}}, "unknown key 'limits.dept' (did you mean 'limits.depth'?)"),
        ({"subgraphs": {"a": {"urll": "x"}}}, "unknown key 'subgraphs.a.urll' (did you mean 'subgraphs.a.url'?)"),
        ({"websocket": {"zzz": 1}}, "unknown key 'websocket.zzz' (known here: enabled, init_timeout,"),
        ({"port": "http"}, "'port': Input should be a valid integer"),
        ({"port": 70_000}, "'port': Input should be less than or equal to 65535"),
        ({"cors": {"origins": ["localhost"]}}, "'cors.origins.0': String should match pattern"),
        ({"authorization": {"mode": "drop"}}, "'authorization.mode': Input should be 'filter' or 'reject'"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSettings) as error:
        load_settings(environment={}, overrides=overrides)
    assert message in error.value.message


def test_every_option_is_described_in_the_schema() -> None:
    schema = json.loads(settings_schema())
    sections = [schema, *schema["$defs"].values()]
    undescribed = [
        name
        for section in sections
        for name, option in section.get("properties", {}).items()
        if "description" not in option and "$ref" not in json.dumps(option)
    ]
    assert undescribed == []


def test_the_documentation_shows_every_option() -> None:
    text = (Path(__file__).parents[3] / "docs" / "gateway.md").read_text()
    assert settings_table() in text, "docs/gateway.md is stale: python -m gateway config --markdown"


def test_production_switches_introspection_and_explorer_off_unless_told_otherwise() -> None:
    settings = load_settings(environment={"GATEWAY_PRODUCTION": "true"})
    assert not settings.has_introspection
    assert not settings.has_explorer
    assert load_settings(environment={"GATEWAY_PRODUCTION": "true", "GATEWAY_INTROSPECTION": "true"}).has_introspection


def test_secrets_are_not_printed() -> None:
    settings = load_settings(environment={"GATEWAY_SUBGRAPH_SECRET": "hidden", "GATEWAY_JWT__SECRET": "hidden"})
    assert "hidden" not in settings.model_dump_json()
    assert "hidden" not in repr(settings)
