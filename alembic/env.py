"""Alembic's entry: migrate the history that `subgraphs.kit.migrations` chose."""

from importlib import import_module

from alembic import context
from subgraphs.kit.migrations import run_online

name = context.config.attributes["history"]
metadata = None if name == "bus" else import_module(f"subgraphs.{name}.models").Base.metadata
run_online(context.config, metadata, context.configure, context.run_migrations)
