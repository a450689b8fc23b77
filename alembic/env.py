"""Alembic's entry: migrate the history that `subgraphs.kit.migrations` chose; the models are loaded only to compare with them."""

from importlib import import_module

from alembic import context
from subgraphs.kit.migrations import run_online

attributes = context.config.attributes
models = import_module(f"subgraphs.{attributes['history']}.models") if attributes.get("compare") else None
run_online(context.config, models.Base.metadata if models else None, context.configure, context.run_migrations)
