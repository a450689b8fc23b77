"""What a subgraph is told: bad values are named, and each `.env.example` lists every variable with its default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices, ValidationError

from subgraphs.collaboration.settings import CollaborationSettings
from subgraphs.kit.settings import SubgraphSettings, settings_error_from
from subgraphs.matching.settings import MatchingSettings
from subgraphs.questions.settings import QuestionsSettings
from subgraphs.users.settings import UsersSettings

ROOT = Path(__file__).resolve().parents[3]
DATABASE_URL = "postgresql://somebody@somewhere/tandem"
SETTINGS: dict[str, type[SubgraphSettings]] = {
    "users": UsersSettings,
    "questions": QuestionsSettings,
    "matching": MatchingSettings,
    "collaboration": CollaborationSettings,
}
LINE = re.compile(r"^(# )?([A-Z][A-Z0-9_]+)=(.*?)(?: +# .*)?$", re.MULTILINE)


def variables(kind: type[SubgraphSettings]) -> dict[str, str]:
    """The variable of each field; the first where several are understood."""
    found = {}
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        found[(str(alias.choices[0]) if isinstance(alias, AliasChoices) else name).upper()] = name
    return found


def load(kind: type[SubgraphSettings], monkeypatch: pytest.MonkeyPatch, **environment: str) -> SubgraphSettings:
    """Read the environment, in which there is nothing else of ours."""
    for variable in variables(kind):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in {"DATABASE_URL": DATABASE_URL, **environment}.items():
        monkeypatch.setenv(variable, value)
    made: Any = kind
    settings: SubgraphSettings = made(_env_file=None)
    return settings


@pytest.mark.parametrize("name", SETTINGS)
def test_the_example_lists_every_variable_with_its_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = SETTINGS[name]
    text = (ROOT / "subgraphs" / name / ".env.example").read_text(encoding="utf-8")
    lines = [(variable, value, bool(is_remark)) for is_remark, variable, value in LINE.findall(text)]
    fields = variables(kind)
    defaults = load(kind, monkeypatch)

    assert sorted(variable for variable, _, _ in lines) == sorted(fields)
    for variable, value, is_default in lines:
        loaded = load(kind, monkeypatch, **{variable: value})
        if is_default:
            assert getattr(loaded, fields[variable]) == getattr(defaults, fields[variable]), variable


@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [
        ("users", "PORT", "everywhere"),
        ("users", "CORS_ORIGIN", "localhost:3000"),
        ("users", "LOG_LEVEL", "loud"),
        ("users", "TRUSTED_PROXIES", "ingress"),
        ("users", "WEB_URL", "app.example.org"),
        ("users", "SUPABASE_URL", "your_supabase_url"),
        ("users", "OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("users", "ACCESS_TOKEN_LIFETIME", "-PT5M"),
        ("users", "SIGNING_KEY_SECRET", "short"),
        ("matching", "USER_SERVICE_URL", "localhost:4001"),
        ("matching", "MATCHING_STAGES", "[]"),
        ("matching", "EVENT_BUS", "kafka"),
        ("matching", "EVENT_BUS_URL", "nats://localhost:4222"),
        ("collaboration", "TURN_URLS", "https://turn.example.org"),
        ("collaboration", "TURN_SECRET", ""),
        ("collaboration", "EXECUTION", "runner:everywhere"),
    ],
)
def test_a_bad_value_is_told_with_the_name_of_its_variable(
    name: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {"TURN_URLS": "turn:turn.example.org"} if variable == "TURN_SECRET" else {}
    with pytest.raises(ValidationError) as caught:
        load(SETTINGS[name], monkeypatch, **others, **{variable: value})

    assert variable in str(settings_error_from(caught.value))


def test_nats_needs_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="EVENT_BUS_URL must be an address of NATS"):
        load(QuestionsSettings, monkeypatch, EVENT_BUS="nats")
    assert load(QuestionsSettings, monkeypatch, EVENT_BUS="nats", EVENT_BUS_URL="nats://localhost:4222")
