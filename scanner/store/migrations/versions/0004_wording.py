"""Whose words stand in which message, under keyed hashes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("circulation", sa.Column("reworded", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "wording",
        sa.Column("circulation_key", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_member", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["circulation_key"], ["circulation.key"], name=op.f("fk_wording_circulation_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circulation_key", "mark", name=op.f("pk_wording")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pasted",
        sa.Column("circulation_key", sa.String(length=32), nullable=False),
        sa.Column("letter_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["circulation_key"], ["circulation.key"], name=op.f("fk_pasted_circulation_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["letter_key"], ["circulation.key"], name=op.f("fk_pasted_letter_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circulation_key", "letter_key", name=op.f("pk_pasted")),
    )
