"""The options as Markdown tables, one for each section of gateway.toml: what docs/gateway.md shows."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .settings import Settings, SubgraphSettings
from .settings_safety import Limit

_HEAD = "| option | default | meaning |\n|---|---|---|"


def settings_table() -> str:
    """Return the tables."""
    sections: dict[str, type[BaseModel]] = {}
    lines = [_HEAD]
    for name, option in Settings.model_fields.items():
        if name == "subgraphs":
            sections["subgraphs.NAME"] = SubgraphSettings
        elif isinstance(option.annotation, type) and issubclass(option.annotation, BaseModel):
            sections[name] = option.annotation
        else:
            lines.append(_row(name, option))
    for name, section in sections.items():
        lines += ["", f"### `[{name}]`", "", _text(section.__doc__), "", _HEAD]
        lines += [_row(option_name, option) for option_name, option in section.model_fields.items()]
    return "\n".join(lines) + "\n"


def _row(name: str, option: FieldInfo) -> str:
    # A limit is a table of its own with `max` and `mode`.
    shown = f"{name}.max" if option.annotation is Limit else name
    return f"| `{shown}` | {_default(option)} | {_text(option.description)} |"


def _default(option: FieldInfo) -> str:
    value: Any = option.get_default(call_default_factory=True)
    if isinstance(value, Limit):
        value = value.max
    if isinstance(value, tuple):
        value = ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        value = str(value).lower()
    if value is None or value in ("", {}):
        return ""
    return f"`{value}`"


def _text(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
