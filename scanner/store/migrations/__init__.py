"""Alembic's place for the schema's changes."""
