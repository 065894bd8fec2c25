"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "ledger_key",
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_ledger_key")),
    )

    op.create_table(
        "circulation",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_key", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_circulation")),
    )
    op.create_index("ix_circulation_date", "circulation", ["date"], unique=False)
    op.create_index("ix_circulation_state", "circulation", ["state"], unique=False)
    op.create_index("ix_circulation_subject_key", "circulation", ["subject_key"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("circulation_key", sa.String(length=32), nullable=False),
        sa.Column("date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("strength", sa.String(length=12), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("settle", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("copies", sa.JSON(), nullable=False),
        sa.Column("first_found", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_circulation_key", "finding", ["circulation_key"], unique=False)
    op.create_index("ix_finding_date", "finding", ["date"], unique=False)
    op.create_index("ix_finding_rule", "finding", ["rule"], unique=False)

    op.create_table(
        "folder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("custodian", sa.String(length=320), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
    )
    op.create_index("ix_folder_place", "folder", ["source", "custodian", "path"], unique=True)

    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailbox", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_table(
        "copy",
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("circulation_key", sa.String(length=32), nullable=True),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("rerouted", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_copy_folder_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("folder_id", "item", name=op.f("pk_copy")),
    )
    op.create_index("ix_copy_circulation_key", "copy", ["circulation_key"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("disposition", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_decision_finding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_finding_id", "decision", ["finding_id"], unique=False)

    op.create_table(
        "failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name=op.f("fk_failure_folder_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure")),
    )
    op.create_index("ix_failure_folder_id", "failure", ["folder_id"], unique=False)

    op.create_table(
        "participant",
        sa.Column("circulation_key", sa.String(length=32), nullable=False),
        sa.Column("person_key", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("via_key", sa.String(length=32), nullable=False),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["circulation_key"], ["circulation.key"], name=op.f("fk_participant_circulation_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circulation_key", "person_key", "role", "via_key", "forwarded", name=op.f("pk_participant")),
    )
    op.create_table(
        "reference",
        sa.Column("circulation_key", sa.String(length=32), nullable=False),
        sa.Column("referenced_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["circulation_key"], ["circulation.key"], name=op.f("fk_reference_circulation_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circulation_key", "referenced_key", name=op.f("pk_reference")),
    )
    op.create_index("ix_reference_referenced_key", "reference", ["referenced_key"], unique=False)
