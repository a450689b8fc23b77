"""Read gateway.toml, then the environment, then what the command line says, into one `Settings`; refuse
unknown keys.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson
from pydantic import BaseModel, ValidationError

from ..errors import GatewayError
from .settings import Settings

DEFAULT_FILE = "gateway.toml"
_PREFIX = "GATEWAY_"
# What Kubernetes sets in every container beside a Service named "gateway"; they are no settings of ours.
_SERVICE_LINK = re.compile(r"GATEWAY_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)")

SettingsTree: TypeAlias = dict[str, Any]


class InvalidSettings(GatewayError):
    """Raised when the settings cannot be used; the message names each key, what is wrong and what would be right."""

    code = "INVALID_SETTINGS"


def load_settings(
    file: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: SettingsTree | None = None,
) -> Settings:
    """Return the settings: defaults < gateway.toml < environment < overrides.

    `file` None means gateway.toml in the working directory, if there is one (or the file that GATEWAY_CONFIG names).
    A variable GATEWAY_A__B sets key b of section a; lists and objects are written as JSON. PORT, HOST and CORS_ORIGIN
    (origins separated by commas) are understood as the services of the seed understand them. Raises InvalidSettings.
    """
    environment = os.environ if environment is None else environment
    tree = _read_file(file or environment.get("GATEWAY_CONFIG"))
    _merge(tree, _seed_variables(environment))
    _merge(tree, _prefixed_variables(environment))
    _merge(tree, overrides or {})
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise InvalidSettings(_explain(error)) from error


def settings_schema() -> bytes:
    """Return the JSON schema of gateway.toml: every option with its default and its meaning."""
    return orjson.dumps(Settings.model_json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _read_file(file: str | Path | None) -> SettingsTree:
    if file is None and not Path(DEFAULT_FILE).exists():
        return {}
    path = Path(file or DEFAULT_FILE)
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise InvalidSettings(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"The settings file {path} is not TOML: {error}.") from error


def _seed_variables(environment: Mapping[str, str]) -> SettingsTree:
    tree: SettingsTree = {}
    if environment.get("PORT"):
        tree["port"] = environment["PORT"]
    if environment.get("HOST"):
        tree["host"] = environment["HOST"]
    if environment.get("CORS_ORIGIN"):
        origins = [origin.strip().rstrip("/") for origin in environment["CORS_ORIGIN"].split(",")]
        tree["cors"] = {"origins": [origin for origin in origins if origin]}
    return tree


def _prefixed_variables(environment: Mapping[str, str]) -> SettingsTree:
    tree: SettingsTree = {}
    for name, text in sorted(environment.items()):
        if not name.startswith(_PREFIX) or name == "GATEWAY_CONFIG":
            continue
        if _SERVICE_LINK.fullmatch(name) or text.startswith(("tcp://", "udp://")):
            continue
        *sections, key = name.removeprefix(_PREFIX).lower().split("__")
        place = tree
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = _value(text)
    return tree


def _value(text: str) -> object:
    # Numbers and booleans stay text: pydantic reads them as the option's type needs.
    if text[:1] in "[{":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def _merge(tree: SettingsTree, other: SettingsTree) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        location = tuple(str(part) for part in problem["loc"])
        name = ".".join(location)
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown key '{name}'{_suggestion(location)}")
        else:
            lines.append(f"'{name}': {problem['msg']}")
    return "The settings cannot be used: " + "; ".join(lines) + "."


def _suggestion(location: tuple[str, ...]) -> str:
    known = _keys_at(location[:-1])
    close = difflib.get_close_matches(location[-1], known, n=1, cutoff=0.6)
    if close:
        return f" (did you mean '{'.'.join((*location[:-1], close[0]))}'?)"
    return f" (known here: {', '.join(sorted(known))})"


def _keys_at(location: tuple[str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in location:
        field = model.model_fields.get(part)
        if field is None:
            continue  # a name given by the user, such as a subgraph's
        candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
        model = next((it for it in candidates if isinstance(it, type) and issubclass(it, BaseModel)), model)
    return list(model.model_fields)
