"""Compose short SDL in tests: subgraphs are called a, b, c ...; federation 2 is linked unless the SDL says otherwise."""

from __future__ import annotations

import re

from gateway.composition import CompositionOptions, CompositionResult, SubgraphDefinition, compose

FEDERATION_DIRECTIVES = frozenset(
    {
        "authenticated",
        "cacheTag",
        "composeDirective",
        "context",
        "cost",
        "extends",
        "external",
        "fromContext",
        "inaccessible",
        "interfaceObject",
        "key",
        "listSize",
        "override",
        "policy",
        "provides",
        "requires",
        "requiresScopes",
        "shareable",
        "tag",
    }
)
LATEST = "v2.14"


def composed(*sdls: str, version: str = LATEST, max_paths: int = 1_000_000) -> CompositionResult:
    """Compose the subgraphs."""
    definitions = [
        SubgraphDefinition(name, f"http://{name}", with_link(sdl, version))
        for name, sdl in zip("abcdefgh", sdls, strict=False)
    ]
    return compose(definitions, CompositionOptions(max_validation_subgraph_paths=max_paths))


def error_codes(*sdls: str, version: str = LATEST) -> set[str]:
    """The codes of all errors; empty when the subgraphs compose."""
    return {error.code.value for error in composed(*sdls, version=version).errors}


def hint_codes(*sdls: str, version: str = LATEST) -> set[str]:
    """The codes of all hints; the subgraphs must compose."""
    result = composed(*sdls, version=version)
    assert not result.errors, [error.message for error in result.errors]
    return {hint.code.value for hint in result.hints}


def with_link(sdl: str, version: str = LATEST) -> str:
    """Import the federation directives that the SDL uses. `# fed1` and SDL with its own @link stay as they are."""
    if "# fed1" in sdl or "@link" in sdl:
        return sdl
    used = sorted(FEDERATION_DIRECTIVES & set(re.findall(r"@(\w+)", sdl)))
    imports = ", ".join(f'"@{name}"' for name in used)
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/{version}", import: [{imports}])\n{sdl}'
