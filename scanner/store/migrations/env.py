"""Alembic's entry: the connection comes from the program, never from an ini file."""

from __future__ import annotations

from alembic import context

from scanner.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
