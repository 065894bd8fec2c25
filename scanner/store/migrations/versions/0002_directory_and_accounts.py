"""What servers tell of lists and forwarding, and a fuller account of each scan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("scan", sa.Column("asked_by", sa.String(length=320), nullable=False, server_default=""))
    op.add_column("scan", sa.Column("left_out", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("scan", sa.Column("shortfalls", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("scan", sa.Column("held", sa.JSON(), nullable=False, server_default="{}"))

    op.create_table(
        "stranger",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stranger")),
    )
    op.create_table(
        "mail_list",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mail_list")),
    )
    op.create_table(
        "forwarding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("custodian", sa.String(length=320), nullable=False),
        sa.Column("target", sa.String(length=320), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("copies_all", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwarding")),
    )
    op.create_index("ix_forwarding_arrangement", "forwarding", ["source", "custodian", "target", "kind"], unique=True)
