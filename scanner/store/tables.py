"""The tables, as SQLAlchemy Core names them. The migrations build them; a test holds the two together."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite forgets the zone, so it is given back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: object) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: object) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Words(TypeDecorator[str]):
    """Text that comes from mail: a NUL or half a character, which PostgreSQL refuses and SQLite cannot encode, becomes a replacement character."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: object) -> str | None:
        return storable(value) if value is not None else None


def storable(text: str) -> str:
    """Text that every database takes."""
    return _UNSTORABLE.sub("\ufffd", text)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

scan = Table(
    "scan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started", Moment, nullable=False),
    Column("finished", Moment),
    Column("mailbox", String(320), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("problems", JSON, nullable=False, default=list),
    Column("asked_by", String(320), nullable=False, default=""),
    Column("left_out", JSON, nullable=False, default=list),
    Column("shortfalls", JSON, nullable=False, default=dict),  # mailbox to words
    Column("held", JSON, nullable=False, default=dict),  # mailbox to number of copies
)

folder = Table(
    "folder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("custodian", String(320), nullable=False),
    Column("path", Text, nullable=False),
    Column("cursor", Text),
    Column("expected", Integer, nullable=False, default=0),
    Index("ix_folder_place", "source", "custodian", "path", unique=True),
)

# One row: a mark made with the ledger's key, so that another key is refused instead of starting a second ledger unseen.
ledger_key = Table("ledger_key", metadata, Column("mark", String(32), primary_key=True))

# One row a Message-ID, under its pseudonym; no text, no address, no subject.
circulation = Table(
    "circulation",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("date", Moment, index=True),
    Column("subject_key", String(32), nullable=False, default="", index=True),
    Column("state", String(10), nullable=False, index=True),
    Column("news", Boolean, nullable=False, default=True),
    Column("reworded", Boolean, nullable=False, default=False),  # since pasted letters were last looked for
)

reference = Table(
    "reference",
    metadata,
    Column("circulation_key", String(32), ForeignKey("circulation.key", ondelete="CASCADE"), primary_key=True),
    Column("referenced_key", String(32), primary_key=True, index=True),
)

participant = Table(
    "participant",
    metadata,
    Column("circulation_key", String(32), ForeignKey("circulation.key", ondelete="CASCADE"), primary_key=True),
    Column("person_key", String(32), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("via_key", String(32), primary_key=True, default=""),
    Column("forwarded", Boolean, primary_key=True, default=False),
)

# Fingerprints of what Members write to officers (by_member) and of what officers' messages bring to Members (store/wording.py).
wording = Table(
    "wording",
    metadata,
    Column("circulation_key", String(32), ForeignKey("circulation.key", ondelete="CASCADE"), primary_key=True),
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("by_member", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# An officer's message, and a Member's letter of which it holds words.
pasted = Table(
    "pasted",
    metadata,
    Column("circulation_key", String(32), ForeignKey("circulation.key", ondelete="CASCADE"), primary_key=True),
    Column("letter_key", String(32), ForeignKey("circulation.key", ondelete="CASCADE"), primary_key=True),
)

copy = Table(
    "copy",
    metadata,
    Column("folder_id", Integer, ForeignKey("folder.id", ondelete="CASCADE"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("circulation_key", String(32), index=True),
    Column("variant", String(32), nullable=False, default=""),
    Column("role", String(10), nullable=False),
    Column("rerouted", Boolean, nullable=False, default=False),
    Column("outcome", String(10), nullable=False),
)

failure = Table(
    "failure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folder_id", Integer, ForeignKey("folder.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("item", Text, nullable=False),
    Column("part", Words, nullable=False, default=""),
    Column("reason", Words, nullable=False),
)

# How far each file or service that traces come from has been read.
trace = Table(
    "trace",
    metadata,
    Column("source", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("rule", String(40), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("message_id", Words, nullable=False),
    Column("circulation_key", String(32), nullable=False, index=True),
    Column("date", Moment, index=True),
    Column("severity", Integer, nullable=False),
    Column("strength", String(12), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("summary", Words, nullable=False),
    Column("clauses", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("settle", Words, nullable=False),
    Column("next_step", Words, nullable=False),
    Column("copies", JSON, nullable=False),
    Column("first_found", Moment, nullable=False),
    Column("withdrawn", Moment),
)

# Addresses of the council that the roster does not know, until a server has said whether they are lists; then only the pseudonym is kept.
stranger = Table(
    "stranger",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("address", String(320)),
    Column("asked", Moment),
)

mail_list = Table(
    "mail_list",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("source", Text, nullable=False),
    Column("members", JSON, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
)

forwarding = Table(
    "forwarding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("custodian", String(320), nullable=False),
    Column("target", String(320), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("copies_all", Boolean, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("ended", Moment),
    Index("ix_forwarding_arrangement", "source", "custodian", "target", "kind", unique=True),
)

# Decisions are only ever added: the latest one counts, and who changed their mind stays on record.
decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finding_id", String(16), ForeignKey("finding.id"), nullable=False, index=True),
    Column("disposition", String(10), nullable=False),
    Column("by", String(320), nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False, default=""),
)
