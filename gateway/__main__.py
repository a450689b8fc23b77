"""`python -m gateway`: one command per file of `cli/`."""

from __future__ import annotations

import importlib
import pkgutil

import typer

from . import cli


def build_app() -> typer.Typer:
    """All commands, by the alphabet of their files; each file registers its own."""
    app = typer.Typer(
        help="A GraphQL federation gateway: compose subgraphs, check changes, print plans, serve.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_no_options)
    for module in sorted(pkgutil.iter_modules(cli.__path__), key=lambda found: found.name):
        register = getattr(importlib.import_module(f"{cli.__name__}.{module.name}"), "register", None)
        if register is not None:
            register(app)
    return app


def _no_options() -> None:
    """Without this, a single command would lose its name."""


def main() -> None:
    build_app()()


if __name__ == "__main__":
    main()
